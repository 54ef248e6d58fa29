mock_provider "aws" {
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

  mock_resource "aws_kms_key" {
    defaults = {
      arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    }
  }
}

variables {
  # Any file: its content is not looked at.
  lambda_zip = "./main.tf"
}

run "as_it_comes" {
  assert {
    condition     = output.environment.BERTH_PUBLIC_URL == "https://mocked.execute-api.eu-west-1.amazonaws.com" && output.webhook_url == "${output.url}/api/github/webhooks"
    error_message = "Without a name, Berth is reached by the API's own address."
  }

  assert {
    condition     = output.bucket_name == "berth-123456789012-eu-west-1"
    error_message = "The bucket is named after the installation, the account and the region."
  }

  assert {
    condition     = toset(keys(output.function_names)) == toset(["http", "invoke", "queue", "schedule"])
    error_message = "There are four functions."
  }

  assert {
    condition     = output.kms_key_arn == null && !contains(keys(output.environment), "BERTH_KMS_KEY_ID")
    error_message = "No key is made or named unless somebody asks for one."
  }

  assert {
    condition     = !contains(keys(output.environment), "BERTH_GITHUB_SECRET") && !contains(keys(output.environment), "BERTH_EVENT_PROJECT")
    error_message = "What is not set is not in the environment."
  }

  assert {
    condition     = output.environment.BERTH_PUBLIC_IP == "always"
    error_message = "In public subnets tasks need an address."
  }

  assert {
    condition     = output.github_actions_role_arn == null
    error_message = "Nobody on GitHub gets a role unless asked for."
  }
}

run "with_a_key" {
  variables {
    create_kms_key = true
  }

  assert {
    condition     = output.environment.BERTH_KMS_KEY_ID == output.kms_key_arn && output.kms_key_arn != null
    error_message = "The functions encrypt with the key that was made."
  }
}

run "without_batch" {
  variables {
    enable_batch = false
  }

  assert {
    condition     = output.job_queue_arn == null && !contains(keys(output.function_names), "invoke")
    error_message = "There is neither a queue of jobs nor the function that asks for them."
  }

  assert {
    condition     = length([for name in keys(output.environment) : name if startswith(name, "BERTH_BATCH_")]) == 0
    error_message = "The functions are told of no Batch."
  }
}

run "spot_where_it_has_a_share" {
  variables {
    capacity_provider_weights = { fargate_spot = 1 }
  }

  assert {
    condition     = output.environment.BERTH_SPOT == "true"
    error_message = "Tasks try Spot first."
  }
}

run "a_region_that_is_not_the_providers" {
  command = plan

  variables {
    region = "us-east-1"
  }

  expect_failures = [terraform_data.region]
}

run "a_name_that_does_not_fit" {
  command = plan

  variables {
    project = "Berth_1"
  }

  expect_failures = [var.project]
}

run "functions_in_public_subnets_would_not_come_out" {
  command = plan

  variables {
    functions_in_vpc = true
  }

  expect_failures = [var.functions_in_vpc]
}

run "one_key_or_the_other" {
  command = plan

  variables {
    create_kms_key = true
    kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  expect_failures = [var.create_kms_key]
}

run "a_secret_is_given_by_reference" {
  command = plan

  variables {
    github_app_secret = "-----BEGIN RSA PRIVATE KEY-----"
  }

  expect_failures = [var.github_app_secret]
}

run "logs_are_kept_as_cloudwatch_can" {
  command = plan

  variables {
    logging_retention_in_days = 31
  }

  expect_failures = [var.logging_retention_in_days]
}
