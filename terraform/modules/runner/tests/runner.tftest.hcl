mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

variables {
  name = "berth"
}

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
run "logs_are_complete" {
  assert {
    condition     = jsondecode(aws_ecs_task_definition.runner.container_definitions)[0].logConfiguration.options.mode == "blocking"
    error_message = "In non-blocking mode, which is the default, the log driver drops lines."
  }

  assert {
    condition     = !contains(keys(jsondecode(aws_ecs_task_definition.runner.container_definitions)[0].logConfiguration.options), "max-buffer-size")
    error_message = "The log driver refuses a buffer size in blocking mode."
  }
}

run "names_of_existing_scripts" {
  variables {
    names = { repository = "demo-repo", task_role = "demo-job-role" }
  }

  assert {
    condition     = aws_ecr_repository.runner.name == "demo-repo" && aws_iam_role.task.name == "demo-job-role"
    error_message = "The names of the repository and the role can be set."
  }
}

run "log_groups_that_jobs_create" {
  variables {
    log_group_arns = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/batch/job"]
  }

  assert {
    condition = length([
      for statement in data.aws_iam_policy_document.execution.statement : statement if contains(statement.actions, "logs:CreateLogGroup")
    ]) == 1
    error_message = "The first job must be allowed to create its log group."
  }
}

run "log_groups_of_berth" {
  assert {
    condition     = !contains(flatten(data.aws_iam_policy_document.execution.statement[*].actions), "logs:CreateLogGroup")
    error_message = "Tasks must not create log groups without a retention."
  }
}

run "registries_of_services" {
  variables {
    registry_secrets = { prefix = "/berth/secrets/" }
  }

  assert {
    condition = length([
      for statement in data.aws_iam_policy_document.execution.statement : statement
      if contains(statement.actions, "secretsmanager:GetSecretValue") && alltrue([
        for resource in statement.resources : strcontains(resource, ":secret:berth/secrets/") || strcontains(resource, ":secret:/berth/secrets/")
      ])
    ]) == 1
    error_message = "ECS reads credentials of registries only under the prefix of the installation."
  }
}

run "refuses_weights_of_zero" {
  command = plan

  variables {
    capacity_provider_weights = { fargate = 0 }
  }

  expect_failures = [var.capacity_provider_weights]
}
