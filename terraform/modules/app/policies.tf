# Permissions of each function. All three take the next steps of runs. Only the API reads logs, only the function of the
# queue receives messages, and only the function of the schedule reads the quota of the account.

data "aws_iam_policy_document" "http" {
  source_policy_documents = local.policies_of_runs

  statement {
    sid       = "ReadTheLogsOfRuns"
    actions   = ["logs:GetLogEvents"]
    resources = formatlist("%s:log-stream:*", local.run_log_group_arns)
  }
}

data "aws_iam_policy_document" "queue" {
  source_policy_documents = local.policies_of_runs

  statement {
    sid       = "ReceiveMessages"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    resources = [aws_sqs_queue.this.arn]
  }
}

data "aws_iam_policy_document" "schedule" {
  source_policy_documents = local.policies_of_runs

  statement {
    sid = "ReadTheQuotaOfFargate"
    # Service Quotas does not support resource-level permissions for reads.
    actions   = ["servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota"]
    resources = ["*"]
  }
}

locals {
  task_role_arns = concat(
    [var.runner.execution_role_arn, var.runner.task_role_arn, var.runner.untrusted_task_role_arn],
    var.tasks.pass_role_arns,
    values(var.tasks.project_role_arns),
  )
  policies_of_runs = concat(
    [
      module.permissions.json,
      data.aws_iam_policy_document.secrets.json,
      data.aws_iam_policy_document.work.json,
    ],
    data.aws_iam_policy_document.batch[*].json,
  )
  run_log_group_arns = concat(
    [var.runner.log_group_arn],
    var.enable_batch ? ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${var.batch.log_group_name}"] : [],
  )
}

module "permissions" {
  source = "../permissions"

  table_arn                = module.storage.table_arn
  bucket_arn               = module.storage.bucket_arn
  key_arn                  = local.kms_key_arn
  cluster_arn              = var.runner.cluster_arn
  task_definition_families = concat([var.runner.task_definition_family], var.tasks.definition_families)
  task_role_arns           = local.task_role_arns
}

# The messages between functions, the events that Berth publishes, and what the variables allow.
data "aws_iam_policy_document" "work" {
  statement {
    sid       = "SendMessages"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.this.arn]
  }

  statement {
    sid       = "PublishItsEvents"
    actions   = ["events:PutEvents"]
    resources = [data.aws_cloudwatch_event_bus.this.arn]

    condition {
      test     = "StringEquals"
      variable = "events:source"
      values   = ["berth"]
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
