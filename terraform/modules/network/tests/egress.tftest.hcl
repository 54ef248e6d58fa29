# Each way out of a network that is made, and no other.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1c", "eu-west-1b", "eu-west-1a"] }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name = "berth"
}

run "public" {
  assert {
    condition     = length(aws_route.to_internet) == 2 && length(aws_nat_gateway.this) == 0 && length(aws_vpc_endpoint.interface) == 0
    error_message = "Public subnets route to the internet, and nothing costs while nothing runs."
  }
  assert {
    condition     = output.assign_public_ip
    error_message = "Tasks in public subnets need a public address."
  }
  assert {
    condition     = keys(aws_subnet.runner) == ["eu-west-1a", "eu-west-1b"]
    error_message = "The zones are the same at every plan, whatever order AWS names them in."
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.runner : subnet.tags["berth:network"] == "runner"]) && aws_security_group.runner.tags["berth:network"] == "runner"
    error_message = "Berth finds subnets and the security group by this tag."
  }
}

run "one_nat_gateway" {
  variables {
    egress = "nat"
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.to_nat) == 2 && length(aws_route.to_internet) == 0
    error_message = "All private subnets go out by the one NAT gateway."
  }
  assert {
    condition     = !output.assign_public_ip
    error_message = "A public address is of no use behind a NAT gateway."
  }
}

run "a_nat_gateway_in_each_zone" {
  variables {
    egress             = "nat"
    zone_count         = 3
    single_nat_gateway = false
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 3
    error_message = "Each zone has a NAT gateway of its own."
  }
}

run "no_way_out" {
  variables {
    egress                  = "endpoints"
    s3_endpoint_bucket_arns = ["arn:aws:s3:::berth"]
  }
  assert {
    condition     = length(aws_internet_gateway.this) == 0 && length(aws_nat_gateway.this) == 0 && length(aws_route.to_internet) == 0
    error_message = "There is no way out."
  }
  assert {
    condition     = keys(aws_vpc_endpoint.interface) == ["ecr.api", "ecr.dkr", "logs"]
    error_message = "Tasks reach what they need to start and to log, and nothing else."
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.runner_to_internet) == 0 && length(aws_vpc_security_group_egress_rule.runner_to_s3) == 1
    error_message = "The security group lets tasks reach endpoints and S3 alone."
  }
  assert {
    condition     = contains(flatten(data.aws_iam_policy_document.s3_endpoint[0].statement[*].resources), "arn:aws:s3:::berth/*") && !contains(flatten(data.aws_iam_policy_document.s3_endpoint[0].statement[*].resources), "*")
    error_message = "The endpoint of S3 is no way to anybody's bucket."
  }
}

run "no_way_out_for_functions_either" {
  variables {
    egress           = "endpoints"
    functions_in_vpc = true
  }
  assert {
    condition     = alltrue([for service in ["ecs", "sqs", "ssm", "secretsmanager", "events"] : contains(keys(aws_vpc_endpoint.interface), service)])
    error_message = "Functions reach the services that they call."
  }
}

run "a_network_that_is_there" {
  variables {
    create_vpc = false
    vpc_tags   = { Name = "main" }
  }
  override_data {
    target = data.aws_subnets.existing[0]
    values = { ids = ["subnet-2", "subnet-1"] }
  }
  assert {
    condition     = length(aws_vpc.this) == 0 && length(aws_vpc_endpoint.s3) == 0 && join(" ", output.subnet_ids) == "subnet-1 subnet-2"
    error_message = "Nothing of it is changed, and its subnets are in the same order at every plan."
  }
}

run "a_network_without_a_name" {
  command = plan
  variables {
    create_vpc = false
  }
  expect_failures = [data.aws_vpc.existing[0]]
}

run "one_zone_is_too_few" {
  command = plan
  variables {
    zone_count = 1
  }
  expect_failures = [var.zone_count]
}
