# Launch, watch and stop tasks of this cluster with the task definitions of this installation.

locals {
  ecs          = "arn:${local.partition}:ecs:${local.region}:${local.account}"
  cluster_name = split("/", var.runner.cluster_arn)[1]
  # Berth registers a family for each image that a suite names.
  image_families = "${local.ecs}:task-definition/${var.runner.task_definition_family}-image-*"
  task_role_arns = concat(
    [var.runner.execution_role_arn, var.runner.task_role_arn, var.runner.untrusted_task_role_arn],
    var.tasks.pass_role_arns,
    values(var.tasks.project_role_arns),
  )
}

data "aws_iam_policy_document" "tasks" {
  statement {
    sid     = "LaunchTasks"
    actions = ["ecs:RunTask"]
    resources = concat(
      formatlist(
        "${local.ecs}:task-definition/%s:*",
        concat([var.runner.task_definition_family], var.tasks.definition_families),
      ),
      ["${local.image_families}:*"],
    )

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
    sid = "ReadDefinitions"
    # ECS does not support resource-level permissions for this action.
    actions   = ["ecs:DescribeTaskDefinition"]
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
    resources = local.task_role_arns

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  # The trust policy of each role decides for which project.
  dynamic "statement" {
    for_each = length(var.tasks.deploy_role_arns) == 0 ? [] : [true]

    content {
      sid       = "AssumeTheRolesOfDeployments"
      actions   = ["sts:AssumeRole", "sts:TagSession"]
      resources = var.tasks.deploy_role_arns
    }
  }

  dynamic "statement" {
    for_each = var.network.discover ? [true] : []

    content {
      sid = "FindTheNetwork"
      # EC2 does not support resource-level permissions for reads.
      actions   = ["ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets"]
      resources = ["*"]
    }
  }
}
