variable "name" {
  type        = string
  description = "Name of the role."
}

variable "subjects" {
  type        = list(string)
  description = "Workflows that may assume the role, by the `sub` of GitHub's tokens, such as `repo:octo-org/shop:ref:refs/heads/main`."

  validation {
    condition     = length(var.subjects) > 0 && alltrue([for subject in var.subjects : can(regex("^repo:[^/*]+/[^:*]+:.+$", subject))])
    error_message = "Each subject must name one repository and a context in it: repo:<owner>/<repository>:<context>."
  }
}

variable "create_provider" {
  type        = bool
  default     = true
  description = "Whether to register GitHub as an identity provider of the account. Set it to false if the account already has it."
}

variable "host" {
  type        = string
  default     = "token.actions.githubusercontent.com"
  description = "Issuer of the tokens without `https://`. For GitHub Enterprise Server: `<host>/_services/token`."
}

variable "repository_arns" {
  type        = list(string)
  default     = []
  description = "ECR repositories that the role may push images to."
}

variable "function_arns" {
  type        = list(string)
  default     = []
  description = "Functions that the role may invoke, such as the one that requests event-driven runs."
}

variable "max_session_seconds" {
  type        = number
  default     = 3600
  description = "Duration of a session in seconds."

  validation {
    condition     = var.max_session_seconds >= 3600 && var.max_session_seconds <= 43200
    error_message = "IAM supports 3600 to 43200 seconds."
  }
}

variable "role_path" {
  type        = string
  default     = "/"
  description = "Path of the role."
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that limits the role."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of all resources."
}
