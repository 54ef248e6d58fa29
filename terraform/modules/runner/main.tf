# The cluster that tasks run on, and their task definition.

data "aws_region" "current" {}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  region            = data.aws_region.current.id
  account           = data.aws_caller_identity.current.account_id
  secretsmanager    = "arn:${data.aws_partition.current.partition}:secretsmanager:${local.region}:${local.account}:secret"
  container_name    = "runner"
  log_stream_prefix = "run"
  image             = var.image == null ? "${aws_ecr_repository.runner.repository_url}:${var.image_tag}" : var.image

  repository_name = coalesce(var.names.repository, "${var.name}-runner")
  task_role_name  = coalesce(var.names.task_role, "${var.name}-task")
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  tags = var.common.tags

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  # Berth names a provider for each task. This default is for tasks that you start by hand.
  dynamic "default_capacity_provider_strategy" {
    for_each = {
      for provider, weight in {
        FARGATE      = var.capacity_provider_weights.fargate
        FARGATE_SPOT = var.capacity_provider_weights.fargate_spot
      } : provider => weight if weight > 0
    }

    content {
      capacity_provider = default_capacity_provider_strategy.key
      weight            = default_capacity_provider_strategy.value
    }
  }
}

resource "aws_cloudwatch_log_group" "runs" {
  name              = "/berth/${var.name}/runs"
  retention_in_days = var.common.logging_retention_in_days
  kms_key_id        = var.common.kms_key_arn
  tags              = var.common.tags
}

resource "aws_ecs_task_definition" "runner" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory)
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  tags                     = var.common.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture == "arm64" ? "ARM64" : "X86_64"
  }

  ephemeral_storage {
    size_in_gib = var.ephemeral_storage_gib
  }

  # Values that ECS would fill in are explicit, so that the next plan shows no difference.
  container_definitions = jsonencode([{
    name      = local.container_name
    image     = local.image
    essential = true
    cpu       = 0
    # No `memory`: each run sets the memory of its task, and a hard limit here would cap it.
    memoryReservation = 128
    environment       = []
    mountPoints       = []
    portMappings      = []
    systemControls    = []
    volumesFrom       = []
    # The longest time that Fargate allows: the runner ends the suite, then uploads its results.
    stopTimeout = 120
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.runs.name
        awslogs-region        = local.region
        awslogs-stream-prefix = local.log_stream_prefix
        # The default has been non-blocking since June 2025, and drops lines when a test writes faster than its buffer
        # empties. `max-buffer-size` applies only to non-blocking mode.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
        mode = "blocking"
      }
    }
  }])
}
