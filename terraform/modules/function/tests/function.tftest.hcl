mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}

variables {
  name        = "berth-http"
  description = "The API of Berth"
  handler     = "http.handler"
  policy      = "{}"
  environment = {}
  timeout     = 30
  settings    = { package = { path = "main.tf" } }
}

run "deploys_a_zip_file" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("main.tf")
    error_message = "A changed file is deployed."
  }
}

run "says_how_to_build_a_zip_file_that_does_not_exist" {
  command = plan

  variables {
    settings = { package = { path = "missing.zip" } }
  }

  expect_failures = [aws_lambda_function.this]
}
