locals {
  flow_logs = var.create_vpc && var.flow_logs ? 1 : 0
}

data "aws_caller_identity" "current" {}

resource "aws_cloudwatch_log_group" "flow" {
  count = local.flow_logs

  name              = "/berth/${var.name}/flow"
  retention_in_days = var.common.logging_retention_in_days
  kms_key_id        = var.common.kms_key_arn
  tags              = var.common.tags
}

resource "aws_flow_log" "this" {
  count = local.flow_logs

  vpc_id          = aws_vpc.this[0].id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn    = aws_iam_role.flow[0].arn
  tags            = merge(var.common.tags, { Name = var.name })
}

resource "aws_iam_role" "flow" {
  count = local.flow_logs

  name                 = "${var.name}-flow-logs"
  description          = "Writes the flow log of ${var.name}"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.flow_trust.json
  tags                 = var.common.tags
}

data "aws_iam_policy_document" "flow_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role_policy" "flow" {
  count = local.flow_logs

  name   = "write"
  role   = aws_iam_role.flow[0].name
  policy = data.aws_iam_policy_document.flow[0].json
}

data "aws_iam_policy_document" "flow" {
  count = local.flow_logs

  statement {
    sid       = "WriteTheFlowLog"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.flow[0].arn}:*"]
  }
}
