variable "name" {
  type        = string
  description = "Name of the role."
}

variable "subjects" {
  type        = list(string)
  description = "Who may take the role: the `sub` of GitHub's tokens, such as `repo:octo-org/shop:ref:refs/heads/main`."

  validation {
    condition     = length(var.subjects) > 0 && alltrue([for subject in var.subjects : can(regex("^repo:[^/*]+/[^:*]+:.+$", subject))])
    error_message = "A subject names one repository, and then what of it: repo:<owner>/<repository>:<what>."
  }
}

variable "create_provider" {
  type        = bool
  default     = true
  description = "Whether the account gets GitHub as an identity provider; false where it has it already."
}

variable "host" {
  type        = string
  default     = "token.actions.githubusercontent.com"
  description = "Issuer of the tokens without `https://`; of a GitHub Enterprise Server `<host>/_services/token`."
}

variable "repository_arns" {
  type        = list(string)
  default     = []
  description = "Repositories of ECR that images may be pushed to."
}

variable "function_arns" {
  type        = list(string)
  default     = []
  description = "Functions that may be invoked, such as that of event-driven runs."
}

variable "max_session_seconds" {
  type        = number
  default     = 3600
  description = "How long the role is had for."

  validation {
    condition     = var.max_session_seconds >= 3600 && var.max_session_seconds <= 43200
    error_message = "IAM takes 3600 to 43200 seconds."
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
  description = "Tags of everything."
}
