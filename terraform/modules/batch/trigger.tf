# The function that people and programs invoke with {"body": {"runId": "…"}}: it publishes the event, and no more.

module "invoke" {
  source = "../function"

  name         = "${var.name}-invoke"
  description  = "Asks for an event-driven run"
  handler      = "invoke.handler"
  policy       = data.aws_iam_policy_document.invoke.json
  package      = var.function.package
  runtime      = var.function.runtime
  architecture = var.function.architecture
  tracing_mode = var.function.tracing_mode
  memory_size  = 256
  timeout      = 15

  environment = { BERTH_EVENT_BUS = var.event_bus.name }

  kms_key_arn               = var.kms_key_arn
  encrypt_environment       = var.encrypt_environment
  logging_retention_in_days = var.logging_retention_in_days
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = var.tags
}

data "aws_iam_policy_document" "invoke" {
  statement {
    sid       = "AskForEventDrivenRuns"
    actions   = ["events:PutEvents"]
    resources = [var.event_bus.arn]

    condition {
      test     = "StringEquals"
      variable = "events:source"
      values   = ["workflowDispatch"]
    }

    condition {
      test     = "StringEquals"
      variable = "events:detail-type"
      values   = ["eventDrivenTest"]
    }
  }

  dynamic "statement" {
    for_each = var.encrypt_environment ? [var.kms_key_arn] : []

    content {
      sid       = "ReadItsEnvironment"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}
