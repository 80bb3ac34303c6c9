/**
 * The bucket's name, chosen rather than drawn: its CORS rules name the page's origin, and the page's security policy
 * names the bucket's, so one of the two must be known before either exists.
 */

const { accountId } = aws.getCallerIdentityOutput({});
const { region } = aws.getRegionOutput({});

/** Unique by the account. S3 allows 63 lower-case characters, which leaves 26 for the stage. */
export const bucketName = $interpolate`${$app.name}-${$app.stage.toLowerCase()}-videos-${accountId}`;

/** Where presigned URLs point. */
export const bucketOrigin = $interpolate`https://${bucketName}.s3.${region}.amazonaws.com`;
