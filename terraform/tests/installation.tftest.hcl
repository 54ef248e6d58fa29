mock_provider "aws" {
  mock_data "aws_iam_roles" {
    defaults = {
      names = ["AWSServiceRoleForTest"]
    }
  }

  mock_data "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"
    }
  }

  mock_data "aws_region" {
    defaults = {
      id = "eu-west-1"
    }
  }

  mock_data "aws_partition" {
    defaults = {
      partition = "aws"
    }
  }

  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "123456789012"
    }
  }

  mock_data "aws_availability_zones" {
    defaults = {
      names = ["eu-west-1a", "eu-west-1b"]
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }

  mock_data "aws_cloudwatch_event_bus" {
    defaults = {
      arn = "arn:aws:events:eu-west-1:123456789012:event-bus/default"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/mocked"
    }
  }

  mock_resource "aws_ecs_cluster" {
    defaults = {
      arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/mocked"
    }
  }

  mock_resource "aws_ecr_repository" {
    defaults = {
      arn            = "arn:aws:ecr:eu-west-1:123456789012:repository/mocked"
      repository_url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mocked"
    }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mocked"
    }
  }

  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-west-1:123456789012:mocked"
      url = "https://sqs.eu-west-1.amazonaws.com/123456789012/mocked"
    }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-west-1:123456789012:function:mocked"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/mocked/invocations"
    }
  }

  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      api_endpoint  = "https://mocked.execute-api.eu-west-1.amazonaws.com"
      execution_arn = "arn:aws:execute-api:eu-west-1:123456789012:mocked"
    }
  }

  mock_resource "aws_batch_compute_environment" {
    defaults = {
      arn = "arn:aws:batch:eu-west-1:123456789012:compute-environment/mocked"
    }
  }

  mock_resource "aws_batch_job_queue" {
    defaults = {
      arn = "arn:aws:batch:eu-west-1:123456789012:job-queue/mocked"
    }
  }

  mock_resource "aws_api_gateway_rest_api" {
    defaults = {
      execution_arn = "arn:aws:execute-api:eu-west-1:123456789012:private"
    }
  }

  mock_resource "aws_iam_service_linked_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"
    }
  }

  mock_resource "aws_kms_key" {
    defaults = {
      arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    }
  }
}

variables {
  # Any file: the tests do not read its content.
  lambda_zip = "./main.tf"
  event_driven_run = {
    project  = "default"
    repo_url = "https://github.com/acme/shop.git"
    command  = "make test"
  }
}

run "defaults" {
  assert {
    condition     = output.environment.BERTH_PUBLIC_URL == "https://mocked.execute-api.eu-west-1.amazonaws.com" && output.webhook_url == "${output.url}/api/github/webhooks"
    error_message = "Without a custom domain, the URL is the address of the API."
  }

  assert {
    condition     = output.bucket_name == "berth-123456789012-eu-west-1"
    error_message = "The bucket name consists of the installation, the account and the region."
  }

  assert {
    condition     = output.function_names == { http = "berth-http", invoke = "berth-invoke", queue = "berth-queue", schedule = "berth-schedule" }
    error_message = "There are four functions."
  }

  assert {
    condition     = length(setintersection(keys(output.environment), ["BERTH_GITHUB_SECRET", "BERTH_KMS_KEY_ID", "BERTH_MAX_VCPUS", "BERTH_TASK_URL", "GHE_HOST"])) == 0
    error_message = "Settings that are not set are not in the environment."
  }

  assert {
    condition     = output.environment.BERTH_RUN_RETENTION_DAYS == "400" && !contains(keys(output.environment), "BERTH_RETENTION_RUNS")
    error_message = "Runs expire after 400 days, however many there are."
  }

  assert {
    condition     = output.environment.BERTH_MAX_TASKS == "100"
    error_message = "The number of tasks is limited by default."
  }

  assert {
    condition     = output.environment.BERTH_PUBLIC_IP == "always" && output.environment.BERTH_SPOT == "false"
    error_message = "Tasks run on demand, with public IP addresses in public subnets."
  }

  assert {
    condition     = output.environment.BERTH_SECRETS_PREFIX == "/berth/secrets/"
    error_message = "The secrets of suites are under the name of the installation."
  }

  assert {
    condition     = output.kms_key_arn == null && output.github_actions_role_arn == null && output.domain_target == null
    error_message = "A key, a role for GitHub Actions and a domain are optional."
  }

  assert {
    condition     = !strcontains(output.setup_command, "cli-binary-format") && strcontains(output.setup_command, "fileb://")
    error_message = "The command must work with versions 1 and 2 of the AWS CLI."
  }
}

run "all_settings" {
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
    artifacts_domain          = { name = "artifacts.acme.example", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/2" }
    budget                    = { monthly_usd = 50, emails = ["platform@acme.example"] }
    tracing_config            = { mode = "Active" }
    retention_days            = { history = 365 }
    retention_runs            = 5000
    github_oidc               = { subjects = ["repo:acme/berth:ref:refs/heads/main"] }
  }

  assert {
    condition     = output.environment.BERTH_PUBLIC_URL == "https://berth.acme.example" && output.environment.BERTH_TABLE == "acme-berth"
    error_message = "The domain and the prefix reach the functions."
  }

  assert {
    condition     = output.environment.BERTH_SECRETS_PREFIX == "/acme-berth/secrets/"
    error_message = "Two installations of an account do not share secrets."
  }

  assert {
    condition     = output.environment.BERTH_SPOT == "true" && output.environment.BERTH_MAX_TASKS == "20" && output.environment.BERTH_MAX_VCPUS == "0.5"
    error_message = "Spot and the limits reach the functions."
  }

  assert {
    condition     = output.environment.BERTH_KMS_KEY_ID == output.kms_key_arn && output.kms_key_arn != null && output.environment.BERTH_GITHUB_SECRET == "ssm:/berth/github-app"
    error_message = "The key and the secret are references."
  }

  assert {
    condition     = output.environment.BERTH_SUBNET_TAG == "berth:network=runner" && !contains(keys(output.environment), "SUBNET_ID")
    error_message = "Functions that discover the network get its tag instead of its subnets."
  }

  assert {
    condition     = output.environment.GHE_PROTOCOL == "https"
    error_message = "Omitted parts of a setting have their defaults."
  }

  assert {
    condition     = output.environment.BERTH_ARTIFACTS_URL == "https://artifacts.acme.example"
    error_message = "Artifacts open at their own host name."
  }

  assert {
    condition     = output.environment.BERTH_RUN_RETENTION_DAYS == "365" && output.environment.BERTH_RETENTION_RUNS == "5000"
    error_message = "The retention of runs reaches the functions."
  }
}

run "job_definition_settings_apply_to_event_driven_runs" {
  variables {
    job_definition_vcpu    = 2
    job_definition_memory  = 4096
    job_definition_timeout = 900
  }

  assert {
    condition = {
      for name, value in output.environment : name => value if startswith(name, "BERTH_EVENT_") && name != "BERTH_EVENT_BUS"
      } == {
      BERTH_EVENT_PROJECT         = "default"
      BERTH_EVENT_REPO_URL        = "https://github.com/acme/shop.git"
      BERTH_EVENT_BRANCH          = "main"
      BERTH_EVENT_COMMAND         = "make test"
      BERTH_EVENT_VCPU            = "2"
      BERTH_EVENT_MEMORY          = "4096"
      BERTH_EVENT_TIMEOUT_SECONDS = "900"
    }
    error_message = "job_definition_vcpu, _memory and _timeout apply to event-driven runs."
  }
}

run "warns_that_event_driven_runs_have_no_command" {
  command = plan

  variables {
    event_driven_run = null
  }

  expect_failures = [check.event_driven_run]
}

run "without_batch" {
  variables {
    enable_batch     = false
    event_driven_run = null
  }

  assert {
    condition     = output.job_queue_arn == null && !contains(keys(output.function_names), "invoke")
    error_message = "There is no job queue and no function that requests jobs."
  }

  assert {
    condition     = length([for name in keys(output.environment) : name if startswith(name, "BERTH_BATCH_")]) == 0
    error_message = "The functions do not know Batch."
  }
}

run "a_closed_network_renews_upload_urls_through_a_private_api" {
  variables {
    egress = "endpoints"
  }

  assert {
    condition     = endswith(output.environment.BERTH_TASK_URL, "/tasks") && output.environment.BERTH_TASK_URL != output.url
    error_message = "Tasks in a closed network use the private API."
  }
}

run "package_in_s3" {
  command = plan

  variables {
    lambda_zip = null
    lambda_s3  = { s3_bucket = "releases", s3_key = "berth/0.1.0/lambda.zip" }
  }

  assert {
    condition     = output.function_names.http == "berth-http"
    error_message = "The package can be an object in S3."
  }
}

run "names_of_existing_scripts" {
  variables {
    names = {
      repository          = "batch-demo-repo"
      task_role           = "batch-demo-job-role"
      compute_environment = "batch-demo-compute-env"
      job_queue           = "batch-demo-job-queue"
      invoke_function     = "batch-demo-trigger-function"
      job_log_group       = "/aws/batch/job"
    }
  }

  assert {
    condition     = output.function_names.invoke == "batch-demo-trigger-function" && output.environment.BERTH_BATCH_LOG_GROUP == "/aws/batch/job" && output.task_role_name == "batch-demo-job-role"
    error_message = "Each name can be set."
  }
}

run "a_role_for_one_project" {
  variables {
    project_roles = { gh-7 = { policies = { read = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" } } }
  }

  assert {
    condition     = output.environment.BERTH_PROJECT_TASK_ROLES == "gh-7=arn:aws:iam::123456789012:role/mocked"
    error_message = "Tasks of the project have its role."
  }

  assert {
    condition     = output.environment.BERTH_BATCH_PROJECT_JOB_DEFINITIONS == "gh-7=berth-project-gh-7"
    error_message = "Jobs of the project have its job definition."
  }
}

run "refuses_another_region" {
  command = plan

  variables {
    region = "us-east-1"
  }

  expect_failures = [terraform_data.region]
}

run "refuses_a_certificate_of_another_region" {
  command = plan

  variables {
    domain = { name = "berth.acme.example", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
  }

  expect_failures = [terraform_data.region]
}

run "refuses_an_invalid_name" {
  command = plan

  variables {
    project = "Berth_1"
  }

  expect_failures = [var.project]
}

run "refuses_functions_in_public_subnets" {
  command = plan

  variables {
    functions_in_vpc = true
  }

  expect_failures = [var.functions_in_vpc]
}

run "refuses_two_keys" {
  command = plan

  variables {
    create_kms_key = true
    kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  expect_failures = [var.create_kms_key]
}

run "refuses_a_secret_in_plain_text" {
  command = plan

  variables {
    github_app_secret = "-----BEGIN RSA PRIVATE KEY-----"
  }

  expect_failures = [var.github_app_secret]
}

run "refuses_limits_that_stop_every_run" {
  command = plan

  variables {
    max_tasks = 0
    max_vcpus = 0
  }

  expect_failures = [var.max_tasks, var.max_vcpus]
}

run "keeps_runs_forever" {
  variables {
    retention_days = { history = 0 }
  }

  assert {
    condition     = !contains(keys(output.environment), "BERTH_RUN_RETENTION_DAYS")
    error_message = "A history of 0 days means forever."
  }
}

run "refuses_a_log_retention_that_cloudwatch_does_not_support" {
  command = plan

  variables {
    logging_retention_in_days = 31
  }

  expect_failures = [var.logging_retention_in_days]
}
