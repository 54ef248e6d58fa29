# Roles: one that ECS uses to start tasks, one for trusted code, one for each project with its own role, and one for code
# from forks.

data "aws_iam_policy_document" "execution_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "task_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "execution" {
  name                 = "${var.name}-execution"
  description          = "ECS pulls the image and writes the log of the tasks of ${var.name} with this role"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.execution_trust.json
  tags                 = var.common.tags
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
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
    sid       = "PullImages"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = concat([aws_ecr_repository.runner.arn], var.suite_repository_arns)
  }

  statement {
    sid       = "WriteTheLogsOfRuns"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = formatlist("%s:*", concat([aws_cloudwatch_log_group.runs.arn], var.log_group_arns))
  }

  # ECS signs in to the registries of services with secrets that their suites may read (`credentials`).
  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
  dynamic "statement" {
    for_each = var.registry_secrets.prefix == null ? [] : [var.registry_secrets.prefix]

    content {
      sid     = "SignInToOtherRegistries"
      actions = ["secretsmanager:GetSecretValue"]
      resources = [
        "${local.secretsmanager}:${trimprefix(statement.value, "/")}*",
        "${local.secretsmanager}:${statement.value}*",
      ]
    }
  }

  dynamic "statement" {
    for_each = length(var.registry_secrets.kms_key_arns) == 0 ? [] : [var.registry_secrets.kms_key_arns]

    content {
      sid       = "DecryptThoseSecrets"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.amazonaws.com"]
      }
    }
  }

  # Only for log groups that the first task creates.
  dynamic "statement" {
    for_each = length(var.log_group_arns) == 0 ? [] : [var.log_group_arns]

    content {
      sid       = "CreateLogGroups"
      actions   = ["logs:CreateLogGroup"]
      resources = concat(statement.value, formatlist("%s:*", statement.value))
    }
  }
}

resource "aws_iam_role" "task" {
  name                 = local.task_role_name
  description          = "Code of trusted runs of ${var.name}: no permissions except task_role_policies"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.task_trust.json
  tags                 = var.common.tags
}

resource "aws_iam_role_policy_attachment" "task" {
  for_each = var.task_role_policies

  role       = aws_iam_role.task.name
  policy_arn = each.value
}

resource "aws_iam_role" "project" {
  for_each = var.project_roles

  name                 = "${var.name}-task-${each.key}"
  description          = "Code of trusted runs of the project ${each.key} of ${var.name}"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.task_trust.json
  tags                 = var.common.tags
}

locals {
  project_policies = merge([
    for id, role in var.project_roles : { for key, arn in role.policies : "${id}/${key}" => { project = id, arn = arn } }
  ]...)
}

resource "aws_iam_role_policy_attachment" "project" {
  for_each = local.project_policies

  role       = aws_iam_role.project[each.value.project].name
  policy_arn = each.value.arn
}

resource "aws_iam_role" "untrusted_task" {
  name                 = "${var.name}-untrusted-task"
  description          = "Code from forks in ${var.name}: never any permissions"
  path                 = var.common.role_path
  permissions_boundary = var.common.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.task_trust.json
  tags                 = var.common.tags
}
