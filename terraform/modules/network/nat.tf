resource "aws_subnet" "nat" {
  for_each = toset(local.nat_zones)

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = local.blocks[4 + index(local.zones, each.key)]
  tags              = merge(var.common.tags, { Name = "${var.name}-nat-${each.key}" })
}

resource "aws_route_table" "nat" {
  count = length(local.nat_zones) > 0 ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.common.tags, { Name = "${var.name}-nat" })
}

resource "aws_route" "nat_to_internet" {
  count = length(local.nat_zones) > 0 ? 1 : 0

  route_table_id         = aws_route_table.nat[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "nat" {
  for_each = toset(local.nat_zones)

  subnet_id      = aws_subnet.nat[each.key].id
  route_table_id = aws_route_table.nat[0].id
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"
  tags   = merge(var.common.tags, { Name = "${var.name}-nat-${each.key}" })
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.nat[each.key].id
  tags          = merge(var.common.tags, { Name = "${var.name}-${each.key}" })

  depends_on = [aws_route.nat_to_internet]
}

resource "aws_route" "to_nat" {
  for_each = var.egress == "nat" ? toset(local.zones) : []

  route_table_id         = aws_route_table.runner[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[var.single_nat_gateway ? local.nat_zones[0] : each.key].id
}
