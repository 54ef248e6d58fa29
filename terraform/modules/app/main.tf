# Berth as Lambda functions: one package with four handlers. Three are here; `invoke` is part of the module `batch`.

data "aws_region" "current" {}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

data "aws_cloudwatch_event_bus" "this" {
  name = var.events.bus_name
}

locals {
  region      = data.aws_region.current.id
  account     = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  kms_key_arn = var.create_kms_key ? aws_kms_key.this[0].arn : var.kms_key_arn
  public_url  = var.api.domain == null ? aws_apigatewayv2_api.this.api_endpoint : "https://${var.api.domain.name}"
  common      = merge(var.common, { kms_key_arn = local.kms_key_arn })
}

module "http" {
  source = "../function"

  name        = "${var.name}-http"
  description = "Serves the REST API, the dashboard, and GitHub's webhooks"
  handler     = "http.handler"
  policy      = data.aws_iam_policy_document.http.json
  environment = local.environment
  timeout     = 29
  settings    = merge(var.functions, { reserved_concurrency = var.functions.http_reserved_concurrency })
  common      = local.common
}

module "queue" {
  source = "../function"

  name        = "${var.name}-queue"
  description = "Takes the next step of a run or a GitHub event for each message"
  handler     = "queue.handler"
  policy      = data.aws_iam_policy_document.queue.json
  environment = local.environment
  timeout     = local.queue_timeout
  settings    = var.functions
  common      = local.common
}

module "schedule" {
  source = "../function"

  name        = "${var.name}-schedule"
  description = "Checks every minute what is due, so that crashes and lost events only cost time"
  handler     = "schedule.handler"
  policy      = data.aws_iam_policy_document.schedule.json
  environment = local.environment
  timeout     = 300
  settings    = var.functions
  common      = local.common
}
