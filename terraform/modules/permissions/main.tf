# Permissions that the functions and the server need: read and write stored data, and launch, watch and stop tasks of this
# cluster with the task definitions of this installation.

data "aws_region" "current" {}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  ecs   = "arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
  tasks = "${local.ecs}:task/${split("/", var.cluster_arn)[1]}/*"
  # Berth registers a family for each image that a suite names.
  image_definitions = "${local.ecs}:task-definition/${var.task_definition_families[0]}-image-*:*"
}

module "key_policy" {
  source = "../key-policy"

  key_arn = var.key_arn
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = [module.key_policy.json]

  statement {
    sid = "ReadAndWriteTheTable"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
    ]
    resources = [var.table_arn]
  }

  statement {
    sid       = "QueryTheTable"
    actions   = ["dynamodb:Query"]
    resources = [var.table_arn, "${var.table_arn}/index/*"]
  }

  # Tasks have no permissions. They read and write by URLs that are signed with these.
  statement {
    sid       = "ReadAndWriteObjects"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.bucket_arn}/*"]
  }

  # Without it, S3 answers 403 instead of 404 for a missing object.
  statement {
    sid       = "FindMissingObjects"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arn]
  }

  statement {
    sid       = "LaunchTasks"
    actions   = ["ecs:RunTask"]
    resources = concat(formatlist("${local.ecs}:task-definition/%s:*", var.task_definition_families), [local.image_definitions])

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster_arn]
    }
  }

  statement {
    sid       = "WatchAndStopTasks"
    actions   = ["ecs:DescribeTasks", "ecs:StopTask"]
    resources = [local.tasks]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster_arn]
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
      values   = [var.cluster_arn]
    }
  }

  statement {
    sid       = "RegisterDefinitionsOfImages"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = [local.image_definitions]
  }

  statement {
    sid = "ReadDefinitions"
    # ECS does not support resource-level permissions for this action.
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid       = "TagNewTasksAndDefinitions"
    actions   = ["ecs:TagResource"]
    resources = [local.tasks, local.image_definitions]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RegisterTaskDefinition", "RunTask"]
    }
  }

  statement {
    sid       = "PassTheRolesOfTasks"
    actions   = ["iam:PassRole"]
    resources = var.task_role_arns

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}
