resource "aws_budgets_budget" "this" {
  count = var.monitoring.budget == null ? 0 : 1

  name         = var.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = format("%.1f", var.monitoring.budget.monthly_usd)
  limit_unit   = "USD"
  tags         = var.common.tags

  # Activate the tag for cost allocation once in the account.
  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:berth:installation$%s", var.name)]
  }

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      notification_type          = notification.key
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      comparison_operator        = "GREATER_THAN"
      subscriber_email_addresses = var.monitoring.budget.emails
    }
  }
}
