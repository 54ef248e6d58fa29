# Batch's own role. The service-linked one of the account would do too; it is not Terraform's to make and delete.

resource "aws_iam_role" "service" {
  name                 = "${var.name}-batch"
  description          = "AWS Batch runs the jobs of ${var.name} with it"
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.service_trust.json
  tags                 = var.tags
}

data "aws_iam_policy_document" "service_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["batch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role_policy" "service" {
  name   = "run-jobs"
  role   = aws_iam_role.service.name
  policy = data.aws_iam_policy_document.service.json
}

# What AWS's own policy AWSBatchServiceRole has for Fargate: without instances, and passing these two roles alone. The
# cluster of an environment is made, named and deleted by Batch, so that no resource can be named here.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBatchServiceRole.html
data "aws_iam_policy_document" "service" {
  statement {
    sid = "RunJobsOnEcs"
    actions = [
      "ecs:CreateCluster",
      "ecs:DeleteCluster",
      "ecs:DeregisterTaskDefinition",
      "ecs:DescribeClusters",
      "ecs:DescribeTaskDefinition",
      "ecs:DescribeTasks",
      "ecs:ListAccountSettings",
      "ecs:ListClusters",
      "ecs:ListTaskDefinitionFamilies",
      "ecs:ListTaskDefinitions",
      "ecs:ListTasks",
      "ecs:RegisterTaskDefinition",
      "ecs:RunTask",
      "ecs:StopTask",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "TagTasks"
    actions   = ["ecs:TagResource"]
    resources = ["arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:task/*_Batch_*"]
  }

  statement {
    sid = "LookAtTheNetwork"
    # EC2 knows no resources for what describes.
    actions   = ["ec2:DescribeAccountAttributes", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets"]
    resources = ["*"]
  }

  statement {
    sid       = "PassTheRolesOfJobs"
    actions   = ["iam:PassRole"]
    resources = [var.execution_role_arn, var.task_role_arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}
