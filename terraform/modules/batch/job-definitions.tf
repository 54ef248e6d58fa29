locals {
  # Values that Batch would fill in are explicit, so that the next plan shows no difference.
  container = {
    image            = var.image
    command          = []
    environment      = [{ name = "S3_BUCKET_NAME", value = var.bucket_name }]
    executionRoleArn = var.execution_role_arn
    resourceRequirements = [
      { type = "VCPU", value = tostring(var.job_definition_vcpu) },
      { type = "MEMORY", value = tostring(var.job_definition_memory) },
    ]
    networkConfiguration         = { assignPublicIp = var.assign_public_ip ? "ENABLED" : "DISABLED" }
    fargatePlatformConfiguration = { platformVersion = "LATEST" }
    runtimePlatform = {
      operatingSystemFamily = "LINUX"
      cpuArchitecture       = var.architecture == "arm64" ? "ARM64" : "X86_64"
    }
    logConfiguration = {
      logDriver     = "awslogs"
      secretOptions = []
      options = merge({
        awslogs-group         = var.log_group.name
        awslogs-region        = data.aws_region.current.id
        awslogs-stream-prefix = "job"
        # The default has been non-blocking since June 2025, and drops lines when a test writes faster than its buffer empties.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
        mode = "blocking"
      }, var.log_group.is_created_by_jobs ? { awslogs-create-group = "true" } : {})
    }
    mountPoints = []
    secrets     = []
    ulimits     = []
    volumes     = []
  }
}

resource "aws_batch_job_definition" "trusted" {
  name                  = var.name
  type                  = "container"
  platform_capabilities = ["FARGATE"]
  propagate_tags        = true
  container_properties  = jsonencode(merge(local.container, { jobRoleArn = var.task_role_arn }))
  tags                  = var.common.tags

  timeout {
    attempt_duration_seconds = var.job_definition_timeout
  }

  # Berth itself decides whether to start a job again.
  retry_strategy {
    attempts = 1
  }
}

# SubmitJob cannot replace a role, so a project with its own role has its own definition.
resource "aws_batch_job_definition" "project" {
  for_each = var.project_role_arns

  name                  = "${var.name}-project-${each.key}"
  type                  = "container"
  platform_capabilities = ["FARGATE"]
  propagate_tags        = true
  container_properties  = jsonencode(merge(local.container, { jobRoleArn = each.value }))
  tags                  = var.common.tags

  timeout {
    attempt_duration_seconds = var.job_definition_timeout
  }

  retry_strategy {
    attempts = 1
  }
}

# SubmitJob cannot remove a role, so code from forks has its own definition without a role.
resource "aws_batch_job_definition" "untrusted" {
  name                  = "${var.name}-untrusted"
  type                  = "container"
  platform_capabilities = ["FARGATE"]
  propagate_tags        = true
  container_properties  = jsonencode(local.container)
  tags                  = var.common.tags

  timeout {
    attempt_duration_seconds = var.job_definition_timeout
  }

  retry_strategy {
    attempts = 1
  }
}
