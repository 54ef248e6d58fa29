# An installation for event-driven runs on AWS Batch, with the names, variables and outputs of the older sample
# (sample-aws-batch-fargate-selenium-tests). Scripts and dashboards for that sample work without changes.

module "berth" {
  source = "../.."

  region              = var.region
  project             = var.project
  image_tag           = var.image_tag
  lambda_zip          = var.lambda_zip
  github_app_secret   = var.github_app_secret
  deletion_protection = var.deletion_protection

  # Tasks reach only AWS services, as in the older sample.
  egress      = var.egress
  bucket_name = coalesce(var.bucket_name, "${var.project}-reports")

  event_driven_run      = var.event_driven_run
  job_definition_vcpu   = var.job_definition_vcpu
  job_definition_memory = var.job_definition_memory

  names = {
    repository          = "${var.project}-repo"
    task_role           = "${var.project}-job-role"
    compute_environment = "${var.project}-compute-env"
    job_queue           = "${var.project}-job-queue"
    invoke_function     = "${var.project}-trigger-function"
    job_log_group       = "/aws/batch/job"
  }

  alarms           = ["dead_letters", "failed_requests", "launches", "sweep"]
  create_dashboard = false
}

data "aws_partition" "current" {}

# Berth's runner uploads reports through signed URLs. An image of the older sample uploads with this role instead.
resource "aws_iam_role_policy" "job" {
  name   = "${var.project}-job-policy"
  role   = module.berth.task_role_name
  policy = data.aws_iam_policy_document.job.json
}

data "aws_iam_policy_document" "job" {
  statement {
    sid       = "UploadReports"
    actions   = ["s3:PutObject"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::${module.berth.bucket_name}/test_reports/runjob*"]
  }
}
