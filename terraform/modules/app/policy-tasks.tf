# Launching, watching and stopping tasks: those of this cluster, with the definitions of this installation.

locals {
  ecs          = "arn:${local.partition}:ecs:${local.region}:${local.account}"
  cluster_name = split("/", var.runner.cluster_arn)[1]
  # A suite that names an image gets a family of its own, which Berth registers.
  image_families = "${local.ecs}:task-definition/${var.runner.task_definition_family}-image-*"
  task_role_arns = concat(
    [var.runner.execution_role_arn, var.runner.task_role_arn, var.runner.untrusted_task_role_arn],
    var.task_pass_role_arns,
  )
}

data "aws_iam_policy_document" "tasks" {
  statement {
    sid     = "LaunchTasks"
    actions = ["ecs:RunTask"]
    resources = concat(
      formatlist(
        "${local.ecs}:task-definition/%s:*",
        concat([var.runner.task_definition_family], var.task_definition_families),
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
    # Its resource is a container instance, which Fargate does not have: the condition says which cluster.
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
    # ECS knows no resource for it.
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid       = "TagWhatItMakes"
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

  dynamic "statement" {
    for_each = var.discover_network ? ["by its tag"] : []

    content {
      sid = "FindTheNetwork"
      # EC2 knows no resources for what describes.
      actions   = ["ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets"]
      resources = ["*"]
    }
  }
}
