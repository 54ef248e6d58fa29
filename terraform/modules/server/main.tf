# The server of Berth as one Fargate task behind a load balancer. It runs the same code as the functions of the module
# `app`, with timers in the process instead of schedules and queues.

data "aws_region" "current" {}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  region    = data.aws_region.current.id
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  image     = var.image == null ? "${aws_ecr_repository.server.repository_url}:${var.image_tag}" : var.image
  port      = 3000

  environment = {
    for name, value in merge({
      HOST                          = "0.0.0.0"
      PORT                          = tostring(local.port)
      AWS_REGION                    = local.region
      BERTH_PUBLIC_URL              = "https://${var.domain.name}"
      BERTH_TABLE                   = var.table.name
      BERTH_BUCKET                  = var.bucket.name
      BERTH_SECRETS_PREFIX          = var.secrets_prefix
      BERTH_TRUSTED_PROXIES         = var.network.vpc_cidr
      ECS_CLUSTER_NAME              = var.runner.cluster_arn
      ECS_TASK_DEFINITION_ARN       = var.runner.task_definition_family
      CONTAINER_NAME                = var.runner.container_name
      SUBNET_ID                     = join(",", var.network.subnet_ids)
      SECURITY_GROUP_ID             = var.network.security_group_id
      BERTH_PUBLIC_IP               = var.network.assign_public_ip ? "always" : "never"
      BERTH_LOG_GROUP               = var.runner.log_group_name
      BERTH_LOG_STREAM_PREFIX       = var.runner.log_stream_prefix
      BERTH_UNTRUSTED_TASK_ROLE_ARN = var.runner.untrusted_task_role_arn
      BERTH_MAX_TASKS               = tostring(var.max_tasks)
    }, var.environment) : name => value if value != null
  }

  # The keys of the secret of the GitHub App, as docs/github-app.md describes it.
  github_variables = {
    APP_ID               = "appId"
    PRIVATE_KEY          = "privateKey"
    WEBHOOK_SECRET       = "webhookSecret"
    GITHUB_CLIENT_ID     = "clientId"
    GITHUB_CLIENT_SECRET = "clientSecret"
  }
}

resource "aws_ecr_repository" "server" {
  name                 = "${var.name}-server"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_delete
  tags                 = var.common.tags

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = var.common.kms_key_arn == null ? "AES256" : "KMS"
    kms_key         = var.common.kms_key_arn
  }
}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/berth/${var.name}/server"
  retention_in_days = var.common.logging_retention_in_days
  kms_key_id        = var.common.kms_key_arn
  tags              = var.common.tags
}

resource "aws_ecs_task_definition" "server" {
  family                   = "${var.name}-server"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory)
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.server.arn
  tags                     = var.common.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture == "arm64" ? "ARM64" : "X86_64"
  }

  container_definitions = jsonencode([{
    name           = "server"
    image          = local.image
    essential      = true
    cpu            = 0
    memory         = var.memory
    environment    = [for name in sort(keys(local.environment)) : { name = name, value = local.environment[name] }]
    secrets        = var.github_app_secret_arn == null ? [] : [for name in sort(keys(local.github_variables)) : { name = name, valueFrom = "${var.github_app_secret_arn}:${local.github_variables[name]}::" }]
    portMappings   = [{ containerPort = local.port, hostPort = local.port, protocol = "tcp" }]
    mountPoints    = []
    systemControls = []
    volumesFrom    = []
    stopTimeout    = 30
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.server.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "server"
        # The server must answer even if CloudWatch Logs does not. Unlike tests, it may lose lines of its log then.
        mode            = "non-blocking"
        max-buffer-size = "25m"
      }
    }
  }])
}

resource "aws_ecs_service" "server" {
  name                   = "server"
  cluster                = var.runner.cluster_arn
  task_definition        = aws_ecs_task_definition.server.arn
  desired_count          = 1
  launch_type            = "FARGATE"
  enable_execute_command = false
  propagate_tags         = "SERVICE"
  tags                   = var.common.tags
  # The timers run in the process: an update stops the old server before it starts the new one.
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [aws_security_group.server.id]
    assign_public_ip = var.network.assign_public_ip
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.server.arn
    container_name   = "server"
    container_port   = local.port
  }

  # One task has nothing to rebalance.
  lifecycle {
    ignore_changes = [availability_zone_rebalancing]
  }

  depends_on = [aws_lb_listener.https, aws_iam_role_policy.server]
}
