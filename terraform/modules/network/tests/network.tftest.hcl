mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1c", "eu-west-1a", "eu-west-1b"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mocked" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

variables {
  name = "berth"
}

run "public_subnets_cost_nothing" {
  assert {
    condition     = keys(aws_subnet.runner) == ["eu-west-1a", "eu-west-1b"] && length(aws_internet_gateway.this) == 1 && length(aws_route.to_internet) == 2
    error_message = "Tasks reach the internet from two zones, which are the same at every plan."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_vpc_endpoint.interface) == 0
    error_message = "No resource costs money per hour."
  }

  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.dynamodb[0].vpc_endpoint_type == "Gateway"
    error_message = "Free gateway endpoints lead to S3 and DynamoDB."
  }

  assert {
    condition     = output.assign_public_ip && !output.has_private_api
    error_message = "Tasks in public subnets need a public IP address."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.runner : subnet.tags["berth:network"] == "runner"]) && aws_security_group.runner.tags["berth:network"] == "runner"
    error_message = "Berth finds subnets and the security group by this tag."
  }
}

run "a_closed_network_reaches_only_aws" {
  variables {
    egress                  = "endpoints"
    s3_endpoint_bucket_arns = ["arn:aws:s3:::berth"]
  }

  assert {
    condition     = length(aws_internet_gateway.this) + length(aws_nat_gateway.this) + length(aws_route.to_internet) + length(aws_route.to_nat) == 0
    error_message = "There is no gateway and no route to the internet."
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.runner_to_internet) == 0 && length(aws_vpc_security_group_egress_rule.runner_to_s3) == 1
    error_message = "The security group allows only endpoints and S3."
  }

  assert {
    condition     = keys(aws_vpc_endpoint.interface) == ["ecr.api", "ecr.dkr", "execute-api", "logs"]
    error_message = "A task needs these endpoints to start, to log, and to renew its upload URLs."
  }

  assert {
    condition     = !contains(flatten(data.aws_iam_policy_document.s3_endpoint[0].statement[*].resources), "*")
    error_message = "The S3 endpoint must not lead to buckets of other accounts."
  }

  assert {
    condition = length([
      for statement in data.aws_iam_policy_document.s3_endpoint[0].statement : statement
      if contains(statement.actions, "s3:ListBucket") && contains(statement.resources, "arn:aws:s3:::berth")
    ]) == 1
    error_message = "Without s3:ListBucket, S3 answers 403 instead of 404 for a missing object."
  }

  assert {
    condition     = !output.assign_public_ip && output.has_private_api
    error_message = "Tasks have no public IP address and use the private API."
  }
}

run "functions_in_a_closed_network_reach_their_services" {
  command = plan

  variables {
    egress                 = "endpoints"
    functions_in_vpc       = true
    functions_assume_roles = true
  }

  assert {
    condition     = length(setsubtract(["batch", "ecs", "sqs", "events", "ssm", "secretsmanager", "sts"], keys(aws_vpc_endpoint.interface))) == 0
    error_message = "Each service that the functions call has an endpoint."
  }
}

run "warns_about_missing_endpoints" {
  command = plan

  variables {
    egress              = "endpoints"
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs"]
  }

  expect_failures = [check.interface_endpoints]
}

run "one_nat_gateway_for_all_zones" {
  command = plan

  variables {
    egress     = "nat"
    zone_count = 3
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.to_nat) == 3 && !output.assign_public_ip
    error_message = "All private subnets share one gateway."
  }
}

run "a_nat_gateway_in_each_zone" {
  command = plan

  variables {
    egress             = "nat"
    single_nat_gateway = false
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 2
    error_message = "Each zone has its own gateway."
  }
}

run "flow_logs" {
  variables {
    flow_logs = true
    common    = { logging_retention_in_days = 7 }
  }

  assert {
    condition     = length(aws_flow_log.this) == 1 && aws_cloudwatch_log_group.flow[0].retention_in_days == 7
    error_message = "The flow log has the retention of all logs."
  }
}

run "an_existing_network_stays_unchanged" {
  variables {
    create_vpc = false
    vpc_tags   = { Name = "main" }
  }

  override_data {
    target = data.aws_vpc.existing[0]
    values = {
      id         = "vpc-1"
      cidr_block = "10.0.0.0/16"
    }
  }

  override_data {
    target = data.aws_subnets.existing[0]
    values = { ids = ["subnet-2", "subnet-1"] }
  }

  assert {
    condition     = length(aws_vpc.this) + length(aws_subnet.runner) + length(aws_vpc_endpoint.s3) == 0
    error_message = "Berth creates only security groups in an existing VPC."
  }

  assert {
    condition     = join(" ", output.subnet_ids) == "subnet-1 subnet-2"
    error_message = "The subnets have the same order at every plan."
  }
}

run "refuses_an_unnamed_vpc" {
  command = plan

  variables {
    create_vpc = false
  }

  expect_failures = [data.aws_vpc.existing[0]]
}

run "refuses_one_zone" {
  command = plan

  variables {
    zone_count = 1
  }

  expect_failures = [var.zone_count]
}

run "refuses_an_unknown_egress" {
  command = plan

  variables {
    egress = "pigeons"
  }

  expect_failures = [var.egress]
}
