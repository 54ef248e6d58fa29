# What settings do beyond one module, and which are refused before anything is made.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b"] }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:eu-west-1:123456789012:event-bus/default" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/berth" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/berth" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:berth" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:123456789012:berth", url = "https://sqs.eu-west-1.amazonaws.com/123456789012/berth" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:123456789012:function:berth", invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:berth/invocations" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1" }
  }
  mock_resource "aws_batch_compute_environment" {
    defaults = { arn = "arn:aws:batch:eu-west-1:123456789012:compute-environment/berth" }
  }
  mock_resource "aws_batch_job_queue" {
    defaults = { arn = "arn:aws:batch:eu-west-1:123456789012:job-queue/berth" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = { api_endpoint = "https://abc.execute-api.eu-west-1.amazonaws.com", execution_arn = "arn:aws:execute-api:eu-west-1:123456789012:abc" }
  }
}

variables {
  lambda_zip = null
  lambda_s3  = { s3_bucket = "releases", s3_key = "berth/0.1.0/lambda.zip" }
}

run "with_nothing_but_the_package" {
  assert {
    condition     = output.environment["BERTH_PUBLIC_URL"] == "https://abc.execute-api.eu-west-1.amazonaws.com" && output.environment["BERTH_BUCKET"] == "berth-123456789012-eu-west-1"
    error_message = "Functions are told the API's own address, and the bucket by its default name."
  }
  assert {
    condition     = output.environment["BERTH_SPOT"] == "false" && output.environment["BERTH_PUBLIC_IP"] == "always"
    error_message = "Tasks run on demand in public subnets."
  }
  assert {
    condition     = length(setintersection(keys(output.environment), ["BERTH_GITHUB_SECRET", "BERTH_KMS_KEY_ID", "BERTH_MAX_TASKS", "BERTH_EVENT_PROJECT", "GHE_HOST"])) == 0
    error_message = "What is not set is left out."
  }
  assert {
    condition     = output.kms_key_arn == null && output.github_actions_role_arn == null && output.domain_target == null
    error_message = "What costs or lets others in is not there unless it is asked for."
  }
  assert {
    condition     = length(keys(output.function_names)) == 4
    error_message = "There are http, queue, schedule and invoke."
  }
}

run "with_what_there_is_to_set" {
  variables {
    name_prefix               = "acme-berth"
    create_kms_key            = true
    encrypt_environment       = true
    capacity_provider_weights = { fargate = 1, fargate_spot = 3 }
    max_tasks                 = 20
    max_vcpus                 = 0.5
    github_app_secret         = "ssm:/berth/github-app"
    ghe_host                  = "github.acme.example"
    discover_network          = true
    egress                    = "nat"
    functions_in_vpc          = true
    domain                    = { name = "berth.acme.example", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1" }
    budget                    = { monthly_usd = 50, emails = ["platform@acme.example"] }
    tracing_config            = { mode = "Active" }
    github_oidc               = { subjects = ["repo:acme/berth:ref:refs/heads/main"] }
    event_driven_run          = { project = "default", repo_url = "https://github.com/acme/shop.git", command = "make test" }
  }
  assert {
    condition     = output.environment["BERTH_PUBLIC_URL"] == "https://berth.acme.example" && output.environment["BERTH_TABLE"] == "acme-berth"
    error_message = "The name and the prefix are those that were given."
  }
  assert {
    condition     = output.environment["BERTH_SPOT"] == "true" && output.environment["BERTH_MAX_TASKS"] == "20" && output.environment["BERTH_MAX_VCPUS"] == "0.5"
    error_message = "Spot and the limits reach the functions."
  }
  assert {
    condition     = output.environment["BERTH_KMS_KEY_ID"] == "arn:aws:kms:eu-west-1:123456789012:key/1" && output.environment["BERTH_GITHUB_SECRET"] == "ssm:/berth/github-app"
    error_message = "The key and the secret go by reference."
  }
  assert {
    condition     = output.environment["BERTH_SUBNET_TAG"] == "berth:network=runner" && !contains(keys(output.environment), "SUBNET_ID")
    error_message = "Functions that look for the network are told its tag, and not its subnets."
  }
  assert {
    condition     = output.environment["BERTH_EVENT_BRANCH"] == "main" && output.environment["GHE_PROTOCOL"] == "https"
    error_message = "What is left out of a group of settings has its default."
  }
}

run "without_batch" {
  variables {
    enable_batch = false
  }
  assert {
    condition     = length(keys(output.function_names)) == 3 && output.job_queue_arn == null && !contains(keys(output.environment), "BERTH_BATCH_JOB_QUEUE")
    error_message = "Nothing of Batch is left."
  }
}

run "refuses_another_region_than_the_providers" {
  command = plan
  variables {
    region = "us-east-1"
  }
  expect_failures = [terraform_data.region]
}

run "refuses_two_keys" {
  command = plan
  variables {
    create_kms_key = true
    kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/2"
  }
  expect_failures = [var.create_kms_key]
}

run "refuses_functions_in_public_subnets" {
  command = plan
  variables {
    functions_in_vpc = true
  }
  expect_failures = [var.functions_in_vpc]
}

run "refuses_secrets_in_the_clear" {
  command = plan
  variables {
    github_app_secret = "hush"
  }
  expect_failures = [var.github_app_secret]
}

run "refuses_limits_that_stop_everything" {
  command = plan
  variables {
    max_tasks = 0
    max_vcpus = 0
  }
  expect_failures = [var.max_tasks, var.max_vcpus]
}
