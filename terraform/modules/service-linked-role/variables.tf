variable "name" {
  type        = string
  description = "Name of the installation."
}

variable "service" {
  type        = string
  description = "AWS service of the role: `batch` or `ecs`."

  validation {
    condition     = contains(["batch", "ecs"], var.service)
    error_message = "The service must be batch or ecs."
  }
}

variable "create" {
  type        = bool
  default     = true
  description = "Whether to create the role if the account has none. If false, the role must exist, or AWS creates it at first use."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of the role."
}
