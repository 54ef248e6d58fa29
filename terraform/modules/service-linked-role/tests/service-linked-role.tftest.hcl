mock_provider "aws" {}

variables {
  name    = "berth"
  service = "batch"
}

run "creates_the_role_in_a_new_account" {
  command = plan

  override_data {
    target = data.aws_iam_roles.existing[0]
    values = { names = [] }
  }

  assert {
    condition     = aws_iam_service_linked_role.this[0].aws_service_name == "batch.amazonaws.com"
    error_message = "An account without the role gets it."
  }
}

run "keeps_the_role_that_it_created" {
  command = plan

  override_data {
    target = data.aws_iam_roles.existing[0]
    values = { names = ["AWSServiceRoleForBatch"] }
  }

  override_data {
    target = data.aws_iam_role.existing[0]
    values = { tags = { "berth:installation" = "berth" } }
  }

  assert {
    condition     = length(aws_iam_service_linked_role.this) == 1
    error_message = "The next plan must not delete the role."
  }
}

run "uses_the_role_of_others" {
  command = plan

  override_data {
    target = data.aws_iam_roles.existing[0]
    values = { names = ["AWSServiceRoleForBatch"] }
  }

  override_data {
    target = data.aws_iam_role.existing[0]
    values = {
      arn  = "arn:aws:iam::123456789012:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"
      tags = { "berth:installation" = "other" }
    }
  }

  assert {
    condition     = length(aws_iam_service_linked_role.this) == 0 && output.arn == "arn:aws:iam::123456789012:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"
    error_message = "A role that something else created stays unchanged."
  }
}

run "leaves_the_role_to_an_administrator" {
  command = plan

  variables {
    create = false
  }

  assert {
    condition     = length(aws_iam_service_linked_role.this) == 0 && output.arn == null
    error_message = "Without the right to create roles, Berth reads and creates none."
  }
}
