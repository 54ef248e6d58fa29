# Who may assume the role.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name            = "shop-deployer"
  project_id      = "gh-1001"
  berth_role_arns = ["arn:aws:iam::123456789012:role/berth-http"]
}

run "one_project" {
  command = plan
  assert {
    condition     = length(aws_iam_role_policy.this) == 0 && aws_iam_role.this.max_session_duration == 3600
    error_message = "Without a policy, the role may do nothing."
  }
  assert {
    condition     = contains([for c in data.aws_iam_policy_document.trust.statement[0].condition : c.variable], "sts:ExternalId")
    error_message = "The trust names the project."
  }
}

run "refuses_every_project" {
  command = plan
  variables {
    project_id = "*"
  }
  expect_failures = [var.project_id]
}

run "refuses_every_role" {
  command = plan
  variables {
    berth_role_arns = ["*"]
  }
  expect_failures = [var.berth_role_arns]
}
