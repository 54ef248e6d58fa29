# The function that people and programs invoke with {"body": {"runId": "…"}}. It only publishes the event.

module "invoke" {
  source = "../function"

  name        = local.names.invoke_function
  description = "Requests an event-driven run"
  handler     = "invoke.handler"
  policy      = data.aws_iam_policy_document.invoke.json
  settings    = merge(var.function, { memory_size = 256 })
  timeout     = 15
  common      = var.common

  environment = {
    for name, value in {
      BERTH_EVENT_BUS     = var.event_bus.name
      BERTH_EVENT_COMMAND = var.command
    } : name => value if value != null
  }
}

data "aws_iam_policy_document" "invoke" {
  statement {
    sid       = "RequestEventDrivenRuns"
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
    for_each = var.function.encrypt_environment ? [var.common.kms_key_arn] : []

    content {
      sid       = "ReadItsEnvironment"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}
