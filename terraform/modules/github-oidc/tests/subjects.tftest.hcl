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

run "a_branch_of_one_repository" {
  command = plan
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && length(aws_iam_role_policy.push) == 0
    error_message = "The role may do nothing unless it is said."
  }
}

run "where_the_provider_is_there" {
  command = plan
  variables {
    create_provider = false
  }
  assert {
    condition     = output.provider_arn == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "The account's provider is the one of its host."
  }
}

run "refuses_everybody_of_an_organisation" {
  command = plan
  variables {
    subjects = ["repo:acme/*:ref:refs/heads/main"]
  }
  expect_failures = [var.subjects]
}

run "refuses_everybody" {
  command = plan
  variables {
    subjects = ["*"]
  }
  expect_failures = [var.subjects]
}
