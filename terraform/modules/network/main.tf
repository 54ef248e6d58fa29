# The network of the tasks: created here, or an existing one.

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  region      = data.aws_region.current.id
  network_tag = { (var.network_tag.key) = var.network_tag.value }

  vpc_id     = var.create_vpc ? aws_vpc.this[0].id : data.aws_vpc.existing[0].id
  vpc_cidr   = var.create_vpc ? aws_vpc.this[0].cidr_block : data.aws_vpc.existing[0].cidr_block
  subnet_ids = var.create_vpc ? [for zone in local.zones : aws_subnet.runner[zone].id] : sort(data.aws_subnets.existing[0].ids)

  # In a closed network, tasks reach only the endpoints of AWS services.
  is_closed = var.create_vpc && var.egress == "endpoints"
}

data "aws_vpc" "existing" {
  count = var.create_vpc ? 0 : 1

  id   = var.vpc_id
  tags = var.vpc_id == null ? var.vpc_tags : null

  lifecycle {
    precondition {
      condition     = var.vpc_id != null || length(var.vpc_tags) > 0
      error_message = "If create_vpc is false, set vpc_id or vpc_tags."
    }
  }
}

data "aws_subnets" "existing" {
  count = var.create_vpc ? 0 : 1

  tags = var.subnet_tags == null ? local.network_tag : var.subnet_tags

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.existing[0].id]
  }

  lifecycle {
    postcondition {
      condition     = length(self.ids) > 0
      error_message = "No subnet of the VPC has the tags of subnet_tags. Add the tags to the subnets, or correct subnet_tags."
    }
  }
}
