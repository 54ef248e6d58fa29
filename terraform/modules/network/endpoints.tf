locals {
  # A task on Fargate needs these to start and to log. It reads its job and writes its results by signed URLs of S3, and
  # renews those URLs through the private API of Berth (execute-api).
  endpoints_of_tasks = ["ecr.api", "ecr.dkr", "execute-api", "logs"]
  # The functions call these, besides DynamoDB and S3. They do without Service Quotas: max_vcpus limits tasks then. Services call
  # KMS for the functions, from outside the network.
  endpoints_of_functions = concat(
    ["batch", "ec2", "ecs", "events", "logs", "secretsmanager", "sqs", "ssm"],
    var.functions_assume_roles ? ["sts"] : [],
  )

  needed_endpoints = !local.is_closed ? [] : concat(
    local.endpoints_of_tasks,
    var.functions_in_vpc ? local.endpoints_of_functions : [],
  )
  interface_endpoints = var.interface_endpoints == null ? toset(local.needed_endpoints) : var.interface_endpoints
}

check "interface_endpoints" {
  assert {
    condition     = length(setsubtract(local.needed_endpoints, local.interface_endpoints)) == 0
    error_message = "Nothing in this network reaches these services, unless other endpoints lead there: ${join(", ", setsubtract(local.needed_endpoints, local.interface_endpoints))}. Add them to interface_endpoints, or leave it out."
  }
}

# Gateway endpoints are free, and their traffic bypasses the NAT gateways.
resource "aws_vpc_endpoint" "s3" {
  count = var.create_vpc ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for zone in local.zones : aws_route_table.runner[zone].id]
  policy            = local.is_closed ? data.aws_iam_policy_document.s3_endpoint[0].json : null
  tags              = merge(var.common.tags, { Name = "${var.name}-s3" })
}

resource "aws_vpc_endpoint" "dynamodb" {
  count = var.create_vpc ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${local.region}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for zone in local.zones : aws_route_table.runner[zone].id]
  tags              = merge(var.common.tags, { Name = "${var.name}-dynamodb" })
}

data "aws_iam_policy_document" "s3_endpoint" {
  count = local.is_closed ? 1 : 0

  # Bucket policies and roles decide who may do what. The endpoint decides which buckets can be reached.
  statement {
    sid       = "NamedBuckets"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = formatlist("%s/*", var.s3_endpoint_bucket_arns)

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  # Without s3:ListBucket here too, S3 answers 403 instead of 404 for a missing object.
  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  statement {
    sid       = "ListNamedBuckets"
    actions   = ["s3:ListBucket"]
    resources = var.s3_endpoint_bucket_arns

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
  statement {
    sid       = "LayersOfImages"
    actions   = ["s3:GetObject"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::prod-${local.region}-starport-layer-bucket/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_endpoints

  vpc_id              = local.vpc_id
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = local.subnet_ids
  security_group_ids  = [aws_security_group.endpoints[0].id]
  tags                = merge(var.common.tags, { Name = "${var.name}-${each.key}" })
}
