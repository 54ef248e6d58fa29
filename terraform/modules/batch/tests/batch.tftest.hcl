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

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/mocked"
    }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mocked"
    }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-west-1:123456789012:function:mocked"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/mocked/invocations"
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
}

variables {
  name               = "berth"
  image              = "berth/runner:1"
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_ids = ["sg-1"]
  assign_public_ip   = true
  execution_role_arn = "arn:aws:iam::123456789012:role/berth-execution"
  task_role_arn      = "arn:aws:iam::123456789012:role/berth-task"
  log_group_name     = "/berth/berth/runs"
  bucket_name        = "berth-objects"

  queue_arn             = "arn:aws:sqs:eu-west-1:123456789012:berth"
  dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:123456789012:berth-dead-letters"
  event_bus             = { name = "default", arn = "arn:aws:events:eu-west-1:123456789012:event-bus/default" }

  function = {
    # Any file: its content is not looked at.
    package      = { path = "./main.tf" }
    runtime      = "nodejs22.x"
    architecture = "arm64"
    tracing_mode = null
  }
}

run "jobs_are_as_those_of_the_older_runner" {
  assert {
    condition = { for each in jsondecode(aws_batch_job_definition.trusted.container_properties).resourceRequirements : each.type => each.value } == {
      VCPU   = "0.5"
      MEMORY = "1024"
    }
    error_message = "A job has half a vCPU and 1024 MiB unless somebody says otherwise."
  }

  assert {
    condition     = aws_batch_job_definition.trusted.timeout[0].attempt_duration_seconds == 300
    error_message = "A job is ended after 300 seconds."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.event_driven.event_pattern).source == ["workflowDispatch"] && jsondecode(aws_cloudwatch_event_rule.event_driven.event_pattern).detail.runId == [{ prefix = "runId-" }]
    error_message = "The rule takes the events of the older runner."
  }
}

run "code_of_forks_has_no_role" {
  assert {
    condition     = !can(jsondecode(aws_batch_job_definition.untrusted.container_properties).jobRoleArn)
    error_message = "The definition for strangers hands on no role."
  }
}

run "what_jobs_cost_has_a_limit" {
  variables {
    max_vcpus = 4
    spot      = true
  }

  assert {
    condition     = aws_batch_compute_environment.this.compute_resources[0].max_vcpus == 4 && aws_batch_compute_environment.this.compute_resources[0].type == "FARGATE_SPOT"
    error_message = "No more vCPUs than that run at once, on Spot where asked for."
  }
}
