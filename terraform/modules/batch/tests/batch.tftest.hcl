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
  log_group          = { name = "/berth/berth/runs" }
  bucket_name        = "berth-objects"

  queue_arn             = "arn:aws:sqs:eu-west-1:123456789012:berth"
  dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:123456789012:berth-dead-letters"
  event_bus             = { name = "default", arn = "arn:aws:events:eu-west-1:123456789012:event-bus/default" }
  command               = "make test"

  # Any file: the tests do not read its content.
  function = { package = { path = "./main.tf" } }
}

run "default_size_of_jobs" {
  assert {
    condition = { for each in jsondecode(aws_batch_job_definition.trusted.container_properties).resourceRequirements : each.type => each.value } == {
      VCPU   = "0.5"
      MEMORY = "1024"
    }
    error_message = "A job has 0.5 vCPU and 1024 MiB by default."
  }

  assert {
    condition     = aws_batch_job_definition.trusted.timeout[0].attempt_duration_seconds == 300
    error_message = "A job ends after 300 seconds."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.event_driven.event_pattern).source == ["workflowDispatch"] && jsondecode(aws_cloudwatch_event_rule.event_driven.event_pattern).detail.runId == [{ prefix = "runId-" }]
    error_message = "The rule matches the events of older clients."
  }
}

run "logs_are_complete" {
  assert {
    condition = alltrue([
      for definition in [aws_batch_job_definition.trusted, aws_batch_job_definition.untrusted] :
      jsondecode(definition.container_properties).logConfiguration.options.mode == "blocking"
    ])
    error_message = "In non-blocking mode, the log driver drops lines."
  }
}

run "code_from_forks_has_no_role" {
  assert {
    condition     = !can(jsondecode(aws_batch_job_definition.untrusted.container_properties).jobRoleArn)
    error_message = "The definition for code from forks must have no role."
  }
}

# AWS cannot change the type in place: https://docs.aws.amazon.com/batch/latest/userguide/updating-compute-environments.html
run "spot_has_another_name" {
  variables {
    max_vcpus = 4
    spot      = true
  }

  assert {
    condition     = aws_batch_compute_environment.this.compute_resources[0].max_vcpus == 4 && aws_batch_compute_environment.this.compute_resources[0].type == "FARGATE_SPOT"
    error_message = "The limit and the type apply."
  }

  assert {
    condition     = aws_batch_compute_environment.this.compute_environment_name == "berth-batch-spot"
    error_message = "The name contains the type, so that a change creates a new environment first."
  }
}

run "on_demand_has_another_name" {
  assert {
    condition     = aws_batch_compute_environment.this.compute_environment_name == "berth-batch"
    error_message = "The name contains the type, so that a change creates a new environment first."
  }
}
