locals {
  schedules = {
    sweep    = { rate = "rate(1 minute)", description = "Checks everything that is due" }
    catch-up = { rate = "rate(10 minutes)", description = "Finds missed events of GitHub" }
  }
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
  tags = var.common.tags
}

resource "aws_scheduler_schedule" "this" {
  for_each = local.schedules

  name                = each.key
  group_name          = aws_scheduler_schedule_group.this.name
  description         = each.value.description
  schedule_expression = each.value.rate
  kms_key_arn         = local.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.schedule.arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ task = each.key })

    # The next invocation comes within minutes.
    retry_policy {
      maximum_event_age_in_seconds = 60
      maximum_retry_attempts       = 0
    }
  }
}

# A failed invocation is not retried either: the next one comes within minutes.
resource "aws_lambda_function_event_invoke_config" "schedule" {
  function_name                = module.schedule.name
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = 0
}

resource "aws_iam_role" "scheduler" {
  name                 = "${var.name}-scheduler"
  description          = "The schedules of ${var.name} invoke their function with this role"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.scheduler_trust.json
  tags                 = var.common.tags
}

data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "invoke"
  role   = aws_iam_role.scheduler.name
  policy = data.aws_iam_policy_document.scheduler.json
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    sid       = "InvokeTheSchedule"
    actions   = ["lambda:InvokeFunction"]
    resources = [module.schedule.arn]
  }

  dynamic "statement" {
    for_each = local.kms_key_arn == null ? [] : [local.kms_key_arn]

    content {
      sid       = "ReadTheSchedule"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}
