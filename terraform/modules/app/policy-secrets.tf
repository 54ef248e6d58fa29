# Secrets are read by reference, so that Terraform's state contains none. A suite reaches the secrets under the prefix.

locals {
  ssm            = "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter"
  secretsmanager = "arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret"

  references = compact([var.github.app_secret, var.secrets.session_secret, try(var.events.webhook.secret, null), var.events.notifications.slack_webhook])

  parameters = concat(
    [for each in local.references : "${local.ssm}/${trimprefix(trimprefix(each, "ssm:"), "/")}" if startswith(each, "ssm:")],
    [for each in local.references : each if can(regex("^arn:[^:]+:ssm:", each))],
  )
  # Secrets Manager adds a hyphen and six characters to a name. A JSON key may follow the ARN.
  secrets = concat(
    [for each in local.references : "${local.secretsmanager}:${split(":", each)[1]}-??????" if startswith(each, "secretsmanager:")],
    [for each in local.references : join(":", slice(split(":", each), 0, 7)) if can(regex("^arn:[^:]+:secretsmanager:", each))],
  )
}

data "aws_iam_policy_document" "secrets" {
  statement {
    sid       = "ReadParameters"
    actions   = ["ssm:GetParameters"]
    resources = concat(["${local.ssm}${var.secrets.prefix}*"], local.parameters)
  }

  statement {
    sid     = "ReadSecrets"
    actions = ["secretsmanager:GetSecretValue"]
    resources = concat(
      ["${local.secretsmanager}:${trimprefix(var.secrets.prefix, "/")}*", "${local.secretsmanager}:${var.secrets.prefix}*"],
      local.secrets,
    )
  }

  dynamic "statement" {
    for_each = length(var.secrets.kms_key_arns) == 0 ? [] : [var.secrets.kms_key_arns]

    content {
      sid       = "DecryptSecrets"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.amazonaws.com", "ssm.${local.region}.amazonaws.com"]
      }
    }
  }
}
