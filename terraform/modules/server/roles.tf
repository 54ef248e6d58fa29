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

locals {
  ecs            = "arn:${local.partition}:ecs:${local.region}:${local.account}"
  cluster_name   = split("/", var.runner.cluster_arn)[1]
  image_families = "${local.ecs}:task-definition/${var.runner.task_definition_family}-image-*"
}

module "key_policy" {
  source = "../key-policy"

  key_arn = var.common.kms_key_arn
}

# What the functions of the module `app` may do together, without the queue.
data "aws_iam_policy_document" "server" {
  source_policy_documents = [module.key_policy.json]

  statement {
    sid = "ReadAndWriteTheTable"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [var.table.arn, "${var.table.arn}/index/*"]
  }

  statement {
    sid       = "ReadAndWriteObjects"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.bucket.arn}/*"]
  }

  # Without it, S3 answers 403 instead of 404 for a missing object.
  statement {
    sid       = "FindMissingObjects"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket.arn]
  }

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
    sid       = "LaunchTasks"
    actions   = ["ecs:RunTask"]
    resources = ["${local.ecs}:task-definition/${var.runner.task_definition_family}:*", "${local.image_families}:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.runner.cluster_arn]
    }
  }

  statement {
    sid       = "WatchAndStopTasks"
    actions   = ["ecs:DescribeTasks", "ecs:StopTask"]
    resources = ["${local.ecs}:task/${local.cluster_name}/*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.runner.cluster_arn]
    }
  }

  statement {
    sid     = "ListTasks"
    actions = ["ecs:ListTasks"]
    # The resource of this action is a container instance, which Fargate does not have. The condition limits the cluster.
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.runner.cluster_arn]
    }
  }

  statement {
    sid       = "RegisterDefinitionsOfImages"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = ["${local.image_families}:*"]
  }

  statement {
    sid = "ReadDefinitionsAndQuotas"
    # ECS and Service Quotas do not support resource-level permissions for these actions.
    actions = [
      "ecs:DescribeTaskDefinition",
      "servicequotas:GetAWSDefaultServiceQuota",
      "servicequotas:GetServiceQuota",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "TagNewTasksAndDefinitions"
    actions   = ["ecs:TagResource"]
    resources = ["${local.ecs}:task/${local.cluster_name}/*", "${local.image_families}:*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RegisterTaskDefinition", "RunTask"]
    }
  }

  statement {
    sid       = "PassTheRolesOfTasks"
    actions   = ["iam:PassRole"]
    resources = [var.runner.execution_role_arn, var.runner.task_role_arn, var.runner.untrusted_task_role_arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}
