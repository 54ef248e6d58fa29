locals {
  # What Batch would fill in is written down, so that the next plan finds what it expects.
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
      options = {
        awslogs-group         = var.log_group_name
        awslogs-region        = data.aws_region.current.id
        awslogs-stream-prefix = "job"
      }
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
  tags                  = var.tags

  timeout {
    attempt_duration_seconds = var.job_definition_timeout
  }

  # A job that ended is launched again by Berth or by nobody.
  retry_strategy {
    attempts = 1
  }
}

# SubmitJob cannot take a role away, so that code from forks has a definition of its own, without one.
resource "aws_batch_job_definition" "untrusted" {
  name                  = "${var.name}-untrusted"
  type                  = "container"
  platform_capabilities = ["FARGATE"]
  propagate_tags        = true
  container_properties  = jsonencode(local.container)
  tags                  = var.tags

  timeout {
    attempt_duration_seconds = var.job_definition_timeout
  }

  retry_strategy {
    attempts = 1
  }
}
