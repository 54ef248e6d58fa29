# Who may take the role.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name     = "berth-github-actions"
  subjects = ["repo:acme/shop:ref:refs/heads/main"]
}

run "one_branch_of_one_repository" {
  command = plan
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && length(aws_iam_role_policy.push) == 0
    error_message = "Without repositories and functions, the role has no permissions."
  }
}

run "with_an_existing_provider" {
  command = plan
  variables {
    create_provider = false
  }
  assert {
    condition     = output.provider_arn == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "The ARN of the existing provider contains its host."
  }
}

run "refuses_all_repositories_of_an_organization" {
  command = plan
  variables {
    subjects = ["repo:acme/*:ref:refs/heads/main"]
  }
  expect_failures = [var.subjects]
}

run "refuses_every_subject" {
  command = plan
  variables {
    subjects = ["*"]
  }
  expect_failures = [var.subjects]
}
