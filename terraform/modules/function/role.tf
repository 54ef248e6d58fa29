resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Role of the function ${var.name}"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.common.tags
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "work" {
  name   = "work"
  role   = aws_iam_role.this.name
  policy = var.policy
}

resource "aws_iam_role_policy" "runtime" {
  name   = "runtime"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.runtime.json
}

# What Lambda does with the role of the function: write its log and its traces, and connect it to a network.
data "aws_iam_policy_document" "runtime" {
  statement {
    sid       = "WriteItsLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  dynamic "statement" {
    for_each = var.settings.tracing_mode == null ? [] : [var.settings.tracing_mode]

    content {
      sid = "WriteTraces"
      # X-Ray does not support resource-level permissions for these actions.
      actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.settings.vpc == null ? [] : [var.settings.vpc]

    content {
      sid = "JoinItsNetwork"
      # Lambda checks these before an interface exists.
      # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
      actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"]
    }
  }
}
