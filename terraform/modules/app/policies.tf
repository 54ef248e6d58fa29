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
  policies_of_runs = concat(
    [
      data.aws_iam_policy_document.state.json,
      data.aws_iam_policy_document.secrets.json,
      data.aws_iam_policy_document.tasks.json,
      module.key_policy.json,
    ],
    data.aws_iam_policy_document.batch[*].json,
  )
  run_log_group_arns = concat(
    [var.runner.log_group_arn],
    var.enable_batch ? ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${var.batch.log_group_name}"] : [],
  )
}

module "key_policy" {
  source = "../key-policy"

  key_arn = local.kms_key_arn
}

# The table, the objects, the messages between functions, and the events that Berth publishes.
data "aws_iam_policy_document" "state" {
  statement {
    sid = "ReadAndWriteTheTable"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
    ]
    resources = [module.storage.table_arn]
  }

  statement {
    sid       = "QueryTheTable"
    actions   = ["dynamodb:Query"]
    resources = [module.storage.table_arn, "${module.storage.table_arn}/index/*"]
  }

  # Tasks have no permissions. They read and write by URLs that are signed with these.
  statement {
    sid       = "ReadAndWriteObjects"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${module.storage.bucket_arn}/*"]
  }

  # Without it, S3 answers 403 instead of 404 for a missing object.
  statement {
    sid       = "FindMissingObjects"
    actions   = ["s3:ListBucket"]
    resources = [module.storage.bucket_arn]
  }

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
}
