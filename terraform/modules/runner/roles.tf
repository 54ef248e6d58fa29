# Three roles: ECS's own to start a task, the tasks', and one for the code of strangers.

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
  description          = "ECS pulls the image and writes the log of ${var.name}'s tasks with it"
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.execution_trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.execution.json
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid = "SignInToEcr"
    # Of the whole registry: there is no resource to name.
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
}

resource "aws_iam_role" "task" {
  name                 = "${var.name}-task"
  description          = "Code of trusted runs of ${var.name}: nothing, unless task_role_policies say otherwise"
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.task_trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "task" {
  for_each = var.task_role_policies

  role       = aws_iam_role.task.name
  policy_arn = each.value
}

resource "aws_iam_role" "untrusted_task" {
  name                 = "${var.name}-untrusted-task"
  description          = "Code from forks in ${var.name}: no permissions, ever"
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.task_trust.json
  tags                 = var.tags
}
