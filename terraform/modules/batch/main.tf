# AWS Batch on Fargate, for event-driven runs.

data "aws_region" "current" {}

locals {
  names = {
    compute_environment = coalesce(var.names.compute_environment, "${var.name}-batch")
    job_queue           = coalesce(var.names.job_queue, var.name)
    invoke_function     = coalesce(var.names.invoke_function, "${var.name}-invoke")
  }
}

# AWS cannot change FARGATE to FARGATE_SPOT, or a role to the service-linked role, in place. The name contains the type, so
# that a change of `spot` creates a new environment, moves the queue to it, and then deletes the old one.
resource "aws_batch_compute_environment" "this" {
  compute_environment_name = var.spot ? "${local.names.compute_environment}-spot" : local.names.compute_environment
  type                     = "MANAGED"
  state                    = "ENABLED"
  # Null or the service-linked role: Batch creates the role if the account has none.
  service_role = var.service_role_arn
  tags         = var.common.tags

  compute_resources {
    type               = var.spot ? "FARGATE_SPOT" : "FARGATE"
    max_vcpus          = var.max_vcpus
    subnets            = var.subnet_ids
    security_group_ids = var.security_group_ids
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_batch_job_queue" "this" {
  name     = local.names.job_queue
  state    = "ENABLED"
  priority = 1
  tags     = var.common.tags

  compute_environment_order {
    order               = 1
    compute_environment = aws_batch_compute_environment.this.arn
  }
}
