# Two roles: one that ECS uses to start the server, and one for the server itself.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "execution" {
  name                 = "${var.name}-server-execution"
  description          = "ECS starts the server of ${var.name} with this role"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.common.tags
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-server"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.execution.json
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid = "SignInToEcr"
    # ECR does not support resource-level permissions for this action.
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "PullTheImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [aws_ecr_repository.server.arn]
  }

  statement {
    sid       = "WriteTheLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.server.arn}:*"]
  }

  dynamic "statement" {
    for_each = var.github_app_secret_arn == null ? [] : [var.github_app_secret_arn]

    content {
      sid       = "ReadTheGithubApp"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "server" {
  name                 = "${var.name}-server"
  description          = "The server of ${var.name}"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.common.tags
}

resource "aws_iam_role_policy" "server" {
  name   = "work"
  role   = aws_iam_role.server.name
  policy = data.aws_iam_policy_document.server.json
}

module "permissions" {
  source = "../permissions"

  table_arn                = var.table.arn
  bucket_arn               = var.bucket.arn
  key_arn                  = var.common.kms_key_arn
  cluster_arn              = var.runner.cluster_arn
  task_definition_families = [var.runner.task_definition_family]
  task_role_arns           = [var.runner.execution_role_arn, var.runner.task_role_arn, var.runner.untrusted_task_role_arn]
}

# What the functions of the module `app` may do together, without the queue.
data "aws_iam_policy_document" "server" {
  source_policy_documents = [module.permissions.json]

  statement {
    sid       = "ReadTheLogsOfRuns"
    actions   = ["logs:GetLogEvents"]
    resources = ["${var.runner.log_group_arn}:log-stream:*"]
  }

  statement {
    sid     = "ReadSecrets"
    actions = ["secretsmanager:GetSecretValue", "ssm:GetParameters"]
    resources = [
      "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${var.secrets_prefix}*",
      "arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret:${trimprefix(var.secrets_prefix, "/")}*",
      "arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret:${var.secrets_prefix}*",
    ]
  }

  statement {
    sid = "ReadTheQuotaOfFargate"
    # Service Quotas does not support resource-level permissions for reads.
    actions   = ["servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota"]
    resources = ["*"]
  }
}
