mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}

variables {
  name = "berth"
}

run "public_subnets_cost_nothing" {
  command = plan

  assert {
    condition     = length(aws_subnet.runner) == 2 && length(aws_internet_gateway.this) == 1
    error_message = "Tasks are in two zones, with a way out."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_vpc_endpoint.interface) == 0
    error_message = "Nothing here is charged by the hour."
  }

  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.dynamodb[0].vpc_endpoint_type == "Gateway"
    error_message = "S3 and DynamoDB are reached by gateway endpoints, which cost nothing."
  }

  assert {
    condition     = output.assign_public_ip
    error_message = "Tasks need an address to come out."
  }
}

run "a_closed_network_has_no_way_out" {
  command = plan

  variables {
    egress = "endpoints"
  }

  assert {
    condition     = length(aws_internet_gateway.this) + length(aws_nat_gateway.this) + length(aws_route.to_internet) + length(aws_route.to_nat) == 0
    error_message = "There is neither a gateway nor a route to one."
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.runner_to_internet) == 0
    error_message = "No rule lets a task reach any address."
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "logs"])
    error_message = "A task starts and logs by these three endpoints."
  }

  assert {
    condition     = !output.assign_public_ip
    error_message = "Tasks have no public address."
  }
}

run "functions_in_a_closed_network_reach_what_they_call" {
  command = plan

  variables {
    egress           = "endpoints"
    functions_in_vpc = true
  }

  assert {
    condition     = length(setsubtract(["ecs", "sqs", "events", "ssm", "secretsmanager"], keys(aws_vpc_endpoint.interface))) == 0
    error_message = "Each service that the functions call has an endpoint."
  }
}

run "one_nat_gateway_for_all_zones" {
  command = plan

  variables {
    egress     = "nat"
    zone_count = 3
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.to_nat) == 3
    error_message = "All zones share the gateway."
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
    error_message = "Each zone has its own."
  }
}

run "a_network_that_is_there_is_left_alone" {
  command = plan

  override_data {
    target = data.aws_vpc.existing[0]
    values = {
      id         = "vpc-1"
      cidr_block = "10.0.0.0/16"
    }
  }

  override_data {
    target = data.aws_subnets.existing[0]
    values = {
      ids = ["subnet-2", "subnet-1"]
    }
  }

  variables {
    create_vpc = false
    vpc_tags   = { Name = "shared" }
  }

  assert {
    condition     = length(aws_vpc.this) + length(aws_subnet.runner) + length(aws_internet_gateway.this) + length(aws_vpc_endpoint.s3) == 0
    error_message = "Nothing is made in it but security groups."
  }

  assert {
    condition     = output.subnet_ids == tolist(["subnet-1", "subnet-2"])
    error_message = "All of its tagged subnets are used."
  }
}

run "a_network_has_to_be_named" {
  command = plan

  override_data {
    target = data.aws_subnets.existing[0]
    values = {
      ids = ["subnet-1"]
    }
  }

  variables {
    create_vpc = false
  }

  expect_failures = [data.aws_vpc.existing]
}

run "one_zone_is_not_enough" {
  command = plan

  variables {
    zone_count = 1
  }

  expect_failures = [var.zone_count]
}

run "a_way_out_that_nobody_knows" {
  command = plan

  variables {
    egress = "magic"
  }

  expect_failures = [var.egress]
}
