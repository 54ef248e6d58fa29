# Berth as functions: the same code, by four doors. Three are here; `invoke` belongs to the module `batch`.

data "aws_region" "current" {}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

data "aws_cloudwatch_event_bus" "this" {
  name = var.event_bus_name
}

locals {
  region      = data.aws_region.current.id
  account     = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  kms_key_arn = var.create_kms_key ? aws_kms_key.this[0].arn : var.kms_key_arn
  public_url  = var.domain == null ? aws_apigatewayv2_api.this.api_endpoint : "https://${var.domain.name}"
}

module "http" {
  source = "../function"

  name                 = "${var.name}-http"
  description          = "The REST API, the dashboard, and GitHub's webhooks"
  handler              = "http.handler"
  policy               = data.aws_iam_policy_document.http.json
  environment          = local.environment
  timeout              = 29
  memory_size          = var.memory_size
  reserved_concurrency = var.http_reserved_concurrency

  package                   = var.package
  runtime                   = var.runtime
  architecture              = var.architecture
  vpc                       = var.functions_vpc
  tracing_mode              = var.tracing_config.mode
  kms_key_arn               = local.kms_key_arn
  encrypt_environment       = var.encrypt_environment
  logging_retention_in_days = var.logging_retention_in_days
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = var.tags
}

module "queue" {
  source = "../function"

  name        = "${var.name}-queue"
  description = "Takes the next step of runs, when something says to look"
  handler     = "queue.handler"
  policy      = data.aws_iam_policy_document.queue.json
  environment = local.environment
  timeout     = local.queue_timeout
  memory_size = var.memory_size

  package                   = var.package
  runtime                   = var.runtime
  architecture              = var.architecture
  vpc                       = var.functions_vpc
  tracing_mode              = var.tracing_config.mode
  kms_key_arn               = local.kms_key_arn
  encrypt_environment       = var.encrypt_environment
  logging_retention_in_days = var.logging_retention_in_days
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = var.tags
}

module "schedule" {
  source = "../function"

  name        = "${var.name}-schedule"
  description = "Looks every minute at all that is due: what survives crashes and lost events"
  handler     = "schedule.handler"
  policy      = data.aws_iam_policy_document.schedule.json
  environment = local.environment
  timeout     = 300
  memory_size = var.memory_size

  package                   = var.package
  runtime                   = var.runtime
  architecture              = var.architecture
  vpc                       = var.functions_vpc
  tracing_mode              = var.tracing_config.mode
  kms_key_arn               = local.kms_key_arn
  encrypt_environment       = var.encrypt_environment
  logging_retention_in_days = var.logging_retention_in_days
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = var.tags
}
