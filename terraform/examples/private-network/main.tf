# Tasks without internet access: they reach ECR, CloudWatch Logs, the named buckets and Berth's private API. Sources from
# GitHub are archives in Berth's bucket.

module "berth" {
  source = "../.."

  region              = var.region
  project             = var.project
  image_tag           = var.image_tag
  lambda_zip          = var.lambda_zip
  github_app_secret   = var.github_app_secret
  deletion_protection = var.deletion_protection

  egress             = "endpoints"
  sources            = "archive"
  functions_in_vpc   = var.functions_in_vpc
  source_bucket_arns = var.source_bucket_arns
  flow_logs          = true
  create_kms_key     = true
}
