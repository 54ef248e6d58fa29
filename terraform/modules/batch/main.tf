# AWS Batch on Fargate, for event-driven runs.

data "aws_region" "current" {}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

# Its name is the provider's to choose: the argument is called differently in the provider's versions 5 and 6.
resource "aws_batch_compute_environment" "this" {
  type         = "MANAGED"
  state        = "ENABLED"
  service_role = aws_iam_role.service.arn
  tags         = var.tags

  compute_resources {
    type               = var.spot ? "FARGATE_SPOT" : "FARGATE"
    max_vcpus          = var.max_vcpus
    subnets            = var.subnet_ids
    security_group_ids = var.security_group_ids
  }

  # Batch cleans up with its role: it has to outlive the environment.
  depends_on = [aws_iam_role_policy.service]
}

resource "aws_batch_job_queue" "this" {
  name     = var.name
  state    = "ENABLED"
  priority = 1
  tags     = var.tags

  compute_environment_order {
    order               = 1
    compute_environment = aws_batch_compute_environment.this.arn
  }
}
