# Submit, watch and stop Batch jobs with the job definitions of this installation.

locals {
  batch_arn = "arn:${local.partition}:batch:${local.region}:${local.account}"
  job_definition_names = !var.enable_batch ? [] : concat(
    [var.batch.job_definition_name, var.batch.untrusted_job_definition_name],
    values(var.batch.project_job_definition_names),
  )
  image_job_definitions = formatlist("${local.batch_arn}:job-definition/%s-image-*", local.job_definition_names)
}

data "aws_iam_policy_document" "batch" {
  count = var.enable_batch ? 1 : 0

  statement {
    sid     = "SubmitJobs"
    actions = ["batch:SubmitJob"]
    resources = concat(
      [var.batch.job_queue_arn, "${local.batch_arn}:job/*"],
      # Batch checks the name, and the name with a revision.
      formatlist("${local.batch_arn}:job-definition/%s", local.job_definition_names),
      formatlist("${local.batch_arn}:job-definition/%s:*", local.job_definition_names),
      local.image_job_definitions,
    )
  }

  statement {
    sid       = "StopItsJobs"
    actions   = ["batch:TerminateJob"]
    resources = ["${local.batch_arn}:job/*"]

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/berth:run"
      values   = ["false"]
    }
  }

  statement {
    sid = "WatchJobs"
    # Batch does not support resource-level permissions for reads.
    actions   = ["batch:DescribeJobDefinitions", "batch:DescribeJobs", "batch:ListJobs"]
    resources = ["*"]
  }

  statement {
    sid       = "RegisterJobDefinitionsOfImages"
    actions   = ["batch:RegisterJobDefinition"]
    resources = local.image_job_definitions
  }

  statement {
    sid       = "TagJobs"
    actions   = ["batch:TagResource"]
    resources = concat(["${local.batch_arn}:job/*"], local.image_job_definitions)
  }

  # RegisterJobDefinition passes the roles to Batch, which has ECS assume them.
  statement {
    sid       = "PassTheRolesOfJobs"
    actions   = ["iam:PassRole"]
    resources = local.task_role_arns

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["batch.amazonaws.com"]
    }
  }
}
