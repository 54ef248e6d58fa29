data "aws_availability_zones" "available" {
  count = var.create_vpc && length(var.availability_zones) == 0 ? 1 : 0

  state = "available"

  # Fargate does not run in Local Zones and Wavelength Zones.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  found_zones = try(slice(sort(data.aws_availability_zones.available[0].names), 0, var.zone_count), [])
  zones       = !var.create_vpc ? [] : length(var.availability_zones) > 0 ? var.availability_zones : local.found_zones
  # Four blocks of equal size for tasks, and four for NAT gateways.
  blocks    = cidrsubnets(var.vpc_cidr, 3, 3, 3, 3, 3, 3, 3, 3)
  nat_zones = var.egress != "nat" ? [] : var.single_nat_gateway ? slice(local.zones, 0, min(1, length(local.zones))) : local.zones
}

resource "aws_vpc" "this" {
  count = var.create_vpc ? 1 : 0

  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = merge(var.common.tags, { Name = var.name })
}

# The default security group lets its members reach each other. Berth does not use it, so this removes its rules.
resource "aws_default_security_group" "this" {
  count = var.create_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.common.tags, { Name = "${var.name}-unused" })
}

resource "aws_subnet" "runner" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = local.blocks[index(local.zones, each.key)]
  tags              = merge(var.common.tags, local.network_tag, { Name = "${var.name}-runner-${each.key}" })
}

resource "aws_route_table" "runner" {
  for_each = toset(local.zones)

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.common.tags, { Name = "${var.name}-runner-${each.key}" })
}

resource "aws_route_table_association" "runner" {
  for_each = toset(local.zones)

  subnet_id      = aws_subnet.runner[each.key].id
  route_table_id = aws_route_table.runner[each.key].id
}

resource "aws_internet_gateway" "this" {
  count = var.create_vpc && var.egress != "endpoints" ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.common.tags, { Name = var.name })
}

resource "aws_route" "to_internet" {
  for_each = var.egress == "public" ? toset(local.zones) : []

  route_table_id         = aws_route_table.runner[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}
