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

  mock_resource "aws_kms_key" {
    defaults = {
      arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    }
  }
}

variables {
  name = "berth"

  # Any file: the tests do not read its content.
  functions = { package = { path = "./main.tf" } }
  storage   = { bucket_name = "berth-objects" }
  secrets   = { prefix = "/berth/secrets/" }

  runner = {
    cluster_arn             = "arn:aws:ecs:eu-west-1:123456789012:cluster/berth"
    task_definition_family  = "berth"
    container_name          = "runner"
    log_group_name          = "/berth/berth/runs"
    log_group_arn           = "arn:aws:logs:eu-west-1:123456789012:log-group:/berth/berth/runs"
    log_stream_prefix       = "run"
    execution_role_arn      = "arn:aws:iam::123456789012:role/berth-execution"
    task_role_arn           = "arn:aws:iam::123456789012:role/berth-task"
    untrusted_task_role_arn = "arn:aws:iam::123456789012:role/berth-untrusted-task"
  }

  network = {
    subnet_ids        = ["subnet-1", "subnet-2"]
    security_group_id = "sg-1"
    assign_public_ip  = true
    tag_key           = "berth:network"
    tag_value         = "runner"
  }
}


run "messages_are_encrypted" {
  assert {
    condition     = aws_sqs_queue.this.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.sqs_managed_sse_enabled
    error_message = "Messages are encrypted."
  }
}

run "one_key_for_all_data" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = aws_sqs_queue.this.kms_master_key_id == var.kms_key_arn && aws_sqs_queue.dead_letters.kms_master_key_id == var.kms_key_arn
    error_message = "The key encrypts messages."
  }
}

run "the_sweep_runs_every_minute" {
  assert {
    condition     = aws_scheduler_schedule.this["sweep"].schedule_expression == "rate(1 minute)" && jsondecode(aws_scheduler_schedule.this["sweep"].target[0].input).task == "sweep"
    error_message = "A lost event costs at most a minute."
  }
}

run "a_message_stays_invisible_while_its_function_runs" {
  assert {
    condition     = aws_sqs_queue.this.visibility_timeout_seconds >= 6 * local.queue_timeout
    error_message = "AWS recommends six times the timeout of the function."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_policy.this.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letters.arn
    error_message = "Messages that fail go to the dead-letter queue."
  }
}

# API Gateway sends no source account: https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
run "api_gateway_may_invoke_the_function" {
  assert {
    condition     = aws_lambda_permission.api.source_account == null && aws_lambda_permission.api.source_arn == "arn:aws:execute-api:eu-west-1:123456789012:mocked/*/*"
    error_message = "The ARN of the API limits the permission, and nothing else."
  }
}

run "leaves_the_concurrency_of_the_account_to_others" {
  assert {
    condition     = aws_lambda_event_source_mapping.queue.scaling_config[0].maximum_concurrency == 5
    error_message = "A new account has a concurrency of 10: the queue must leave some for the API."
  }
}

run "alarms_are_chosen" {
  variables {
    monitoring = {
      alarms        = ["dead_letters"]
      alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:people"]
    }
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.dead_letters) == 1 && length(aws_cloudwatch_metric_alarm.sweep) + length(aws_cloudwatch_metric_alarm.logged) + length(aws_cloudwatch_metric_alarm.functions) == 0
    error_message = "Only the chosen alarms exist."
  }

  assert {
    condition     = contains(aws_cloudwatch_metric_alarm.dead_letters[0].alarm_actions, "arn:aws:sns:eu-west-1:123456789012:people")
    error_message = "The alarm notifies the topic."
  }
}

run "logged_failures_are_counted_in_each_function" {
  assert {
    condition     = { for kind, alarm in aws_cloudwatch_metric_alarm.logged : kind => alarm.alarm_name } == { launches = "${var.name}-launches", dirty_stacks = "${var.name}-dirty-stacks" }
    error_message = "Each kind of failure has an alarm."
  }

  assert {
    condition     = length(aws_cloudwatch_log_metric_filter.logged) == 6 && aws_cloudwatch_log_metric_filter.logged["launches_http"].metric_transformation[0].name == aws_cloudwatch_metric_alarm.logged["launches"].metric_name
    error_message = "Each function counts each kind, for its alarm."
  }
}

run "refuses_an_unknown_alarm" {
  command = plan

  variables {
    monitoring = { alarms = ["smoke"] }
  }

  expect_failures = [var.monitoring]
}

run "refuses_an_api_without_concurrency" {
  command = plan

  variables {
    functions = { package = { path = "./main.tf" }, http_reserved_concurrency = 0 }
  }

  expect_failures = [var.functions]
}
